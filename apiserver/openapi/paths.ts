import { isDeepStrictEqual } from 'node:util';
import { collectionPath, type Kind, type Subresource, type Verb } from '@skiff/api/kinds';
import { nameOf } from './names.ts';
import {
  type Action,
  actionName,
  describeOperation,
  groupTitle,
  operationId,
  type Subject,
  tagOf,
} from './operation.ts';
import {
  deleteCollectionParameters,
  deleteParameters,
  listParameters,
  parameter,
  streamParameters,
  writeParameters,
} from './parameters.ts';
import type { Dialect } from './schemas.ts';

type Json = Record<string, unknown>;

const applyType = 'application/apply-patch+yaml';
const customPatchTypes = [applyType, 'application/json-patch+json', 'application/merge-patch+json'];
const patchTypes = [...customPatchTypes, 'application/strategic-merge-patch+json'];
const patchName = 'io.k8s.apimachinery.pkg.apis.meta.v1.Patch';

const queries: Partial<Record<Action, readonly string[]>> = {
  list: listParameters,
  create: writeParameters,
  update: writeParameters,
  patch: [...writeParameters, 'force'],
  delete: deleteParameters,
  deletecollection: deleteCollectionParameters,
  watch: listParameters,
  watchlist: listParameters,
};
/** Those of kinds that are defined by CustomResourceDefinitions, whose paths upstream documents in a way of their own. */
const customQueries: Partial<Record<Action, readonly string[]>> = {
  ...queries,
  get: ['resourceVersion'],
  patch: writeParameters,
  deletecollection: listParameters,
};
const methods: Partial<Record<Action, string>> = {
  create: 'post',
  delete: 'delete',
  deletecollection: 'delete',
  get: 'get',
  list: 'get',
  patch: 'patch',
  update: 'put',
};
const collectionVerbs: readonly Verb[] = ['list', 'create', 'deletecollection'];

/** What an operation needs to know beside what it is about. */
export interface PathOptions {
  readonly dialect: Dialect;
  readonly custom: boolean;
  /** Whether DELETE answers with the object. */
  readonly returnsDeleted: boolean;
}

interface Place extends Subject, PathOptions {
  /** What is sent and answered. */
  readonly model: string;
  readonly path: string;
}

const ref = (name: string, dialect: Dialect): Json => ({
  $ref: dialect === 'v3' ? `#/components/schemas/${name}` : `#/definitions/${name}`,
});

const words: Readonly<Record<number, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted' };

/** The media types of answers, and those of streams of them, as upstream's documents have them. */
export const answerTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const streamTypes = ['application/json', 'application/vnd.kubernetes.protobuf'].map((type) => `${type};stream=watch`);

const customTypes = ['application/json', 'application/yaml'];

function answers(
  codes: readonly number[],
  { name, types }: { name: string; types: readonly string[] },
  dialect: Dialect,
): Json {
  const schema = ref(name, dialect);
  const content = Object.fromEntries(types.map((type) => [type, { schema }]));
  const answer = dialect === 'v3' ? { content } : { schema };
  return Object.fromEntries([
    ...codes.map((code) => [code, { description: words[code], ...answer }]),
    [401, { description: 'Unauthorized' }],
  ]);
}

function codesOf(action: Action, { custom }: Place): readonly number[] {
  if (action === 'create') return [200, 201, 202];
  if (action === 'delete') return [200, 202];
  return action === 'update' || (action === 'patch' && !custom) ? [200, 201] : [200];
}

function answered(action: Action, { kind, model, returnsDeleted }: Place): string {
  if (action === 'list') return `${kind.model}List`;
  if (action === 'watch' || action === 'watchlist') return 'V1WatchEvent';
  if (action === 'deletecollection' || (action === 'delete' && !returnsDeleted)) return 'V1Status';
  return model;
}

/** What a request carries: the media types, and the schema's name; nothing for reads. */
function sent(
  action: Action,
  { model, custom }: Place,
): { types: readonly string[]; name: string; needed: boolean } | undefined {
  switch (action) {
    case 'patch':
      return { types: custom ? customPatchTypes : patchTypes, name: patchName, needed: true };
    case 'create':
    case 'update':
      return { types: custom ? customTypes : ['*/*'], name: nameOf(model), needed: true };
    case 'delete':
      return { types: custom ? customTypes : ['*/*'], name: nameOf('V1DeleteOptions'), needed: false };
    case 'deletecollection':
      return custom ? undefined : { types: ['*/*'], name: nameOf('V1DeleteOptions'), needed: false };
    default:
      return undefined;
  }
}

function gvkOf({ kind, subresource, custom }: Subject): Json {
  if (custom) return { group: kind.group, kind: kind.kind, version: kind.version };
  return {
    group: subresource?.group ?? kind.group,
    kind: subresource?.kind ?? kind.kind,
    version: subresource?.version ?? kind.version,
  };
}

/** What is answered with a stream, or may be. */
const watching: ReadonlySet<Action> = new Set(['list', 'watch', 'watchlist']);

function operation(action: Action, place: Place): Json {
  const { kind, dialect, custom } = place;
  const body = sent(action, place);
  const streams = watching.has(action) ? streamTypes : [];
  const types = custom ? customTypes : [...answerTypes, ...streams];
  const parameters = ((custom ? customQueries : queries)[action] ?? []).map((name) =>
    parameter(name, 'query', { dialect, kind: kind.kind }),
  );
  if (body && dialect === 'v2') {
    parameters.unshift({
      name: 'body',
      in: 'body',
      ...(body.needed && { required: true }),
      schema: ref(body.name, dialect),
    });
  }
  const content = body && Object.fromEntries(body.types.map((type) => [type, { schema: ref(body.name, dialect) }]));
  return {
    description: describeOperation(action, place),
    operationId: operationId(action, place),
    tags: [tagOf(kind)],
    ...(dialect === 'v2' && {
      consumes: body?.types ?? (custom ? customTypes : ['*/*']),
      produces: types,
      schemes: ['https'],
    }),
    ...(parameters.length && { parameters }),
    ...(dialect === 'v3' && body && { requestBody: { content, ...(body.needed && { required: true }) } }),
    responses: answers(codesOf(action, place), { name: nameOf(answered(action, place)), types }, dialect),
    'x-kubernetes-action': actionName(action),
    'x-kubernetes-group-version-kind': gvkOf(place),
  };
}

/** An operation that becomes a stream, or whose requests are handed on. */
function connection(method: string, place: Place): Json {
  const { kind, dialect, path } = place;
  const names = streamParameters[place.subresource?.name ?? ''] ?? [];
  return {
    description: describeOperation('connect', place, method),
    operationId: `${operationId('connect', place, method)}${path.endsWith('{path}') ? 'WithPath' : ''}`,
    tags: [tagOf(kind)],
    ...(dialect === 'v2' && { consumes: ['*/*'], produces: ['*/*'], schemes: ['https'] }),
    ...(names.length && { parameters: names.map((name) => parameter(name, 'query', { dialect, kind: kind.kind })) }),
    responses: textAnswer(['*/*'], dialect),
    'x-kubernetes-action': 'connect',
    'x-kubernetes-group-version-kind': gvkOf(place),
  };
}

function textAnswer(types: readonly string[], dialect: Dialect): Json {
  const schema = { type: 'string' };
  const content = Object.fromEntries(types.map((type) => [type, { schema }]));
  const answer = dialect === 'v3' ? { content } : { schema };
  return { 200: { description: 'OK', ...answer }, 401: { description: 'Unauthorized' } };
}

/** Reading a Pod's log, which is a text. */
function logOperation(place: Place): Json {
  const { kind, dialect } = place;
  const types = ['text/plain', ...answerTypes];
  const names = streamParameters['log'] ?? [];
  return {
    ...operation('get', place),
    ...(dialect === 'v2' && { produces: types }),
    parameters: names.map((name) => parameter(name, 'query', { dialect, kind: kind.kind })),
    responses: textAnswer(types, dialect),
  };
}

const isParameter = (value: unknown): value is Json & { name: string } =>
  isJson(value) && typeof value['name'] === 'string';
const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null;
const parametersOf = (operation: unknown): (Json & { name: string })[] =>
  isJson(operation) && Array.isArray(operation['parameters']) ? operation['parameters'].filter(isParameter) : [];

/** A path, with the parameters that all of its operations have in common said once. */
function item(operations: Record<string, Json>, { path, dialect, kind }: Place, options: { pretty: boolean }): Json {
  const about = { dialect, kind: kind.kind };
  const common = ['name', 'namespace', 'path']
    .filter((name) => path.includes(`{${name}}`))
    .map((name) => parameter(name, 'path', about));
  if (options.pretty) common.push(parameter('pretty', 'query', about));
  const all = Object.values(operations);
  const shared = parametersOf(all[0]).filter((one) =>
    all.every((other) => parametersOf(other).some((same) => isDeepStrictEqual(same, one))),
  );
  const names = new Set(shared.map(({ name }) => name));
  const own = Object.entries(operations).map(([method, operation]) => {
    const { parameters: _all, ...rest } = operation;
    const left = parametersOf(operation).filter(({ name }) => !names.has(name));
    return [method, { ...rest, ...(left.length && { parameters: left }) }];
  });
  const parameters = [...common, ...shared].sort((a, b) => (String(a['name']) < String(b['name']) ? -1 : 1));
  return { ...Object.fromEntries(own), ...(parameters.length && { parameters }) };
}

/** The operations of some verbs at one path. */
function verbsAt(verbs: readonly Verb[], place: Place): Json {
  const operations = verbs.flatMap((verb) => {
    const method = methods[verb];
    return method ? [[method, operation(verb, place)] as const] : [];
  });
  return item(Object.fromEntries(operations), place, { pretty: true });
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
  return [kind.model, `${kind.model}List`, 'V1Status', 'V1DeleteOptions', 'V1WatchEvent', ...others];
}

/** The paths of a kind and what can be done there. */
export function pathsOf(kind: Kind, options: PathOptions): Json {
  const collection = collectionPath(kind, kind.namespaced ? '{namespace}' : undefined);
  const one = `${collection}/{name}`;
  const about = { ...options, kind, model: kind.model };
  const onCollection = kind.verbs.filter((verb) => collectionVerbs.includes(verb));
  const onObject = kind.verbs.filter((verb) => !collectionVerbs.includes(verb));
  const paths: Json = {};
  if (kind.namespaced && kind.verbs.includes('list')) {
    const path = collectionPath(kind);
    paths[path] = verbsAt(['list'], { ...about, path, everywhere: true });
  }
  paths[collection] = verbsAt(onCollection, { ...about, path: collection });
  if (onObject.length) paths[one] = verbsAt(onObject, { ...about, path: one });
  Object.assign(paths, watchPaths(about));
  for (const subresource of kind.subresources) {
    const path = `${one}/${subresource.name}`;
    const place = { ...about, subresource, path };
    const model = subresource.kind ? subresourceModels[subresource.kind] : kind.model;
    if (subresource.name === 'log') paths[path] = item({ get: logOperation(place) }, place, { pretty: true });
    else if (model) paths[path] = verbsAt(subresource.verbs, { ...place, model });
    else {
      paths[path] = connectionsAt(subresource, place);
      const onward = `${path}/{path}`;
      if (subresource.name === 'proxy') paths[onward] = connectionsAt(subresource, { ...place, path: onward });
    }
  }
  return paths;
}

/** The old way to watch: a path of its own. */
function watchPaths(about: Omit<Place, 'path'>): Json {
  const { kind, custom } = about;
  if (custom || !kind.verbs.includes('watch')) return {};
  const namespace = kind.namespaced ? '{namespace}' : undefined;
  const at = (action: Action, path: string, more: { everywhere?: boolean } = {}): Json => {
    const place = { ...about, ...more, path };
    return { [path]: item({ get: operation(action, place) }, place, { pretty: true }) };
  };
  const collection = watchPath(kind, namespace);
  return {
    ...(kind.namespaced && at('watchlist', watchPath(kind), { everywhere: true })),
    ...at('watchlist', collection),
    ...at('watch', `${collection}/{name}`),
  };
}

const watchPath = (kind: Kind, namespace?: string): string => {
  const path = collectionPath(kind, namespace);
  const base = `${kind.group ? `/apis/${kind.group}` : '/api'}/${kind.version}`;
  return `${base}/watch${path.slice(base.length)}`;
};

function connectionsAt({ name, verbs }: Subresource, place: Place): Json {
  const asked = verbs.flatMap((verb) => methods[verb] ?? []);
  // What is handed on may be asked by any method.
  const all = name === 'proxy' ? [...asked, 'head', 'options'] : asked;
  return item(Object.fromEntries(all.map((method) => [method, connection(method, place)])), place, { pretty: false });
}

/** The path at which a group version tells what it serves. */
export function resourcesPath({ group, version }: { group: string; version: string }, dialect: Dialect): Json {
  const path = `${group ? `/apis/${group}` : '/api'}/${version}/`;
  const title = version.charAt(0).toUpperCase() + version.slice(1);
  return {
    [path]: {
      get: {
        description: 'get available resources',
        operationId: `get${groupTitle(group)}${title}APIResources`,
        tags: [tagOf({ group, version })],
        responses: answers([200], { name: nameOf('V1APIResourceList'), types: answerTypes }, dialect),
      },
    },
  };
}
