import { collectionPath, type Kind, type Verb } from '@skiff/api/kinds';
import { nameOf } from './names.ts';
import type { Dialect } from './schemas.ts';

type Json = Record<string, unknown>;

const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];

const descriptions: Record<string, string> = {
  dryRun:
    'When present, indicates that modifications should not be persisted. Valid values are: - All: all dry run stages will be processed',
  fieldManager: 'fieldManager is a name associated with the actor or entity that is making these changes.',
  fieldValidation:
    'fieldValidation instructs the server on how to handle objects in the request (POST/PUT/PATCH) containing unknown or duplicate fields. Valid values are: Ignore, Warn, Strict',
  force: 'Force is going to "force" Apply requests.',
  pretty: 'If true, then the output is pretty printed.',
  labelSelector: 'A selector to restrict the list of returned objects by their labels.',
  fieldSelector: 'A selector to restrict the list of returned objects by their fields.',
  limit: 'limit is a maximum number of responses to return for a list call.',
  continue: 'The continue option should be set when retrieving more results from the server.',
  resourceVersion: 'resourceVersion sets a constraint on what resource versions a request may be served from.',
  resourceVersionMatch: 'resourceVersionMatch determines how resourceVersion is applied to list calls.',
  sendInitialEvents: 'sendInitialEvents=true may be set together with watch=true.',
  allowWatchBookmarks: 'allowWatchBookmarks requests watch events with type "BOOKMARK".',
  timeoutSeconds: 'Timeout for the list/watch call.',
  watch: 'Watch for changes to the described resources and return them as a stream.',
  gracePeriodSeconds: 'The duration in seconds before the object should be deleted.',
  propagationPolicy: 'Whether and how garbage collection will be performed.',
};
const integers = new Set(['limit', 'timeoutSeconds', 'gracePeriodSeconds']);
const booleans = new Set(['force', 'watch', 'sendInitialEvents', 'allowWatchBookmarks']);

const listing = [
  'labelSelector',
  'fieldSelector',
  'limit',
  'continue',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'allowWatchBookmarks',
  'timeoutSeconds',
  'watch',
];
const writing = ['dryRun', 'fieldManager', 'fieldValidation'];
const queries: Partial<Record<Verb, readonly string[]>> = {
  list: listing,
  create: writing,
  update: writing,
  patch: [...writing, 'force'],
  delete: ['dryRun', 'gracePeriodSeconds', 'propagationPolicy'],
  deletecollection: ['dryRun', 'gracePeriodSeconds', 'propagationPolicy', ...listing.slice(0, 6)],
};

const methods: Partial<Record<Verb, string>> = {
  create: 'post',
  delete: 'delete',
  deletecollection: 'delete',
  get: 'get',
  list: 'get',
  patch: 'patch',
  update: 'put',
};
/** What upstream's `x-kubernetes-action` says where it is not the verb. */
const actions: Partial<Record<Verb, string>> = { create: 'post', update: 'put' };
const collectionVerbs: readonly Verb[] = ['list', 'create', 'deletecollection'];

function parameter(name: string, place: 'query' | 'path', dialect: Dialect): Json {
  const type = integers.has(name) ? 'integer' : booleans.has(name) ? 'boolean' : 'string';
  const schema = { type, uniqueItems: true };
  const description = descriptions[name] ?? `${name} of the resource`;
  const common = { name, in: place, description, ...(place === 'path' && { required: true }) };
  return dialect === 'v3' ? { ...common, schema } : { ...common, ...schema };
}

/** Names what is sent and answered: a schema by its name upstream, or none. */
interface Body {
  readonly dialect: Dialect;
  readonly name: string;
}

const ref = ({ dialect, name }: Body): Json => ({
  $ref: dialect === 'v3' ? `#/components/schemas/${name}` : `#/definitions/${name}`,
});

function answers(codes: readonly number[], body: Body): Json {
  const schema = ref(body);
  const content = { 'application/json': { schema }, 'application/yaml': { schema } };
  const answer = body.dialect === 'v3' ? { description: 'OK', content } : { description: 'OK', schema };
  return Object.fromEntries([...codes.map((code) => [code, answer]), [401, { description: 'Unauthorized' }]]);
}

interface Operation {
  readonly verb: Verb;
  readonly kind: Kind;
  /** The resource's own kind, or the subresource's. */
  readonly gvk: { group: string; version: string; kind: string };
  readonly model: string;
  readonly id: string;
}

const title = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function operation({ verb, kind, gvk, model, id }: Operation, dialect: Dialect): Json {
  const sends = verb === 'create' || verb === 'update' || verb === 'patch';
  const answered =
    verb === 'list' ? `${kind.model}List` : verb === 'delete' || verb === 'deletecollection' ? 'V1Status' : model;
  const codes = verb === 'create' ? [200, 201, 202] : verb === 'update' || verb === 'patch' ? [200, 201] : [200];
  const parameters = (queries[verb] ?? []).map((name) => parameter(name, 'query', dialect));
  const sent = { dialect, name: verb === 'patch' ? 'io.k8s.apimachinery.pkg.apis.meta.v1.Patch' : nameOf(model) };
  const types = verb === 'patch' ? patchTypes : ['*/*'];
  const body =
    dialect === 'v3'
      ? {
          requestBody: {
            required: true,
            content: Object.fromEntries(types.map((type) => [type, { schema: ref(sent) }])),
          },
        }
      : {};
  if (sends && dialect === 'v2') parameters.unshift({ name: 'body', in: 'body', required: true, schema: ref(sent) });
  return {
    description: `${verb} ${gvk.kind}`,
    tags: [`${kind.group.split('.')[0] || 'core'}_${kind.version}`],
    operationId: id,
    ...(dialect === 'v2' && {
      consumes: verb === 'patch' ? patchTypes : ['*/*'],
      produces: ['application/json', 'application/yaml'],
      schemes: ['https'],
    }),
    parameters,
    ...(sends && body),
    responses: answers(codes, { dialect, name: nameOf(answered) }),
    'x-kubernetes-action': actions[verb] ?? verb,
    'x-kubernetes-group-version-kind': gvk,
  };
}

/** The operations of some verbs at one path. */
function item(
  verbs: readonly Verb[],
  about: { kind: Kind; gvk: Operation['gvk']; model: string; id: string; path: string },
  dialect: Dialect,
): Json {
  const operations = verbs.flatMap((verb) => {
    const method = methods[verb];
    const id = `${verb === 'get' ? 'read' : verb === 'update' ? 'replace' : verb}${about.id}`;
    return method ? [[method, operation({ ...about, verb, id }, dialect)] as const] : [];
  });
  const placed = ['name', 'namespace'].filter((name) => about.path.includes(`{${name}}`));
  const parameters = [...placed.map((name) => parameter(name, 'path', dialect)), parameter('pretty', 'query', dialect)];
  return { ...Object.fromEntries(operations), parameters };
}

const subresourceModels: Record<string, string> = {
  Scale: 'V1Scale',
  Binding: 'V1Binding',
  Eviction: 'V1Eviction',
  TokenRequest: 'AuthenticationV1TokenRequest',
};

/** The models that the paths of a kind name; a custom kind's own are none of the generated ones. */
export function modelsOf(kind: Kind, { custom }: { custom: boolean }): string[] {
  const others = kind.subresources.flatMap(({ kind: name = '' }) => subresourceModels[name] ?? []);
  if (custom) return ['V1ObjectMeta', 'V1ListMeta', 'V1Status', 'V1DeleteOptions', ...others];
  return [kind.model, `${kind.model}List`, 'V1Status', 'V1DeleteOptions', ...others];
}

/** The paths of a kind and what can be done there. */
export function pathsOf(kind: Kind, dialect: Dialect): Json {
  const { group, version } = kind;
  const gvk = { group, version, kind: kind.kind };
  const prefix = `${title(kind.group.split('.')[0] || 'core')}${title(version)}`;
  const id = `${prefix}${kind.namespaced ? 'Namespaced' : ''}${kind.kind}`;
  const collection = collectionPath(kind, kind.namespaced ? '{namespace}' : undefined);
  const one = `${collection}/{name}`;
  const about = { kind, gvk, model: kind.model };
  const paths: Json = {};
  const onCollection = kind.verbs.filter((verb) => collectionVerbs.includes(verb));
  const onObject = kind.verbs.filter((verb) => !collectionVerbs.includes(verb));
  paths[collection] = item(onCollection, { ...about, id, path: collection }, dialect);
  paths[one] = item(onObject, { ...about, id, path: one }, dialect);
  if (kind.namespaced) {
    const all = collectionPath(kind);
    paths[all] = item(['list'], { ...about, id: `${prefix}${kind.kind}ForAllNamespaces`, path: all }, dialect);
  }
  for (const subresource of kind.subresources) {
    const model = subresource.kind ? subresourceModels[subresource.kind] : kind.model;
    if (!model) continue; // streams have no schema
    const path = `${one}/${subresource.name}`;
    const named = {
      group: subresource.group ?? group,
      version: subresource.version ?? version,
      kind: subresource.kind ?? kind.kind,
    };
    const details = { kind, gvk: named, model, id: `${id}${title(subresource.name)}`, path };
    paths[path] = item(subresource.verbs, details, dialect);
  }
  return paths;
}
