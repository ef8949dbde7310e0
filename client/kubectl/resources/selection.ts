import type { KubeObject } from '@skiff/api/meta';
import type { ApiResource } from '../../resource.ts';
import { CommandError, UsageError } from '../failure.ts';
import { bool, list, text } from '../flags.ts';
import type { Session } from '../session.ts';
import { readManifests } from './manifests.ts';

/** One object or one list that the command line asks for. */
export interface Target {
  readonly resource: ApiResource;
  readonly namespace?: string | undefined;
  /** Absent for all of the resource. */
  readonly name?: string;
  /** The manifest that names it, and where that stands. */
  readonly manifest?: { readonly object: KubeObject; readonly source: string };
}

/** Flags that name the objects in files. */
export const fileFlags = {
  filename: list('f'),
  kustomize: text('k'),
  recursive: bool('R'),
} as const;

/** Flags that choose among a resource's objects. */
export const selectorFlags = {
  selector: text('l'),
  'field-selector': text(),
  'all-namespaces': bool('A'),
} as const;

export interface SelectionOptions {
  readonly args: readonly string[];
  readonly files?: readonly string[];
  readonly recursive?: boolean;
  readonly allNamespaces?: boolean;
  /** Lists are asked for by type alone. Otherwise each object must be named. */
  readonly allowLists?: boolean;
  /** Whether `--selector` or `--all` stands for names. */
  readonly selected?: boolean;
  readonly hint?: string;
}

export interface Selection {
  readonly targets: readonly Target[];
  /** Whether exactly one object was named. */
  readonly single: boolean;
  /** Whether objects of several types may come. */
  readonly mixed: boolean;
}

/** What the arguments of a command mean: `pods`, `pods,svc`, `pod a b`, `pod/a svc/b`, `all`, `-f FILE`. Throws usage errors. */
export async function select(session: Session, options: SelectionOptions): Promise<Selection> {
  const { args, files = [] } = options;
  if (files.length > 0) {
    if (args.length > 0)
      throw new CommandError(
        'when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well',
      );
    const targets: Target[] = [];
    for await (const manifest of readManifests(session, files, { recursive: options.recursive ?? false })) {
      targets.push(await targetOf(session, manifest));
    }
    return { targets, single: targets.length === 1, mixed: targets.length > 1 };
  }
  const namespace = options.allNamespaces ? undefined : session.namespace;
  if (args.length === 0) throw new UsageError(options.hint ?? 'You must specify the type of resource to get.');
  const at = (resource: ApiResource, name?: string): Target => ({
    resource,
    ...(resource.namespaced && namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
  });
  if (args.some((arg) => arg.includes('/'))) {
    const targets: Target[] = [];
    for (const arg of args) {
      const [type = '', name = '', ...more] = arg.split('/');
      if (!arg.includes('/'))
        throw new CommandError(
          `there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'`,
        );
      if (type === '' || name === '' || more.length > 0)
        throw new CommandError(`arguments in resource/name form must have a single resource and name`);
      targets.push(at(await session.resources.require(type), name));
    }
    forbidEverywhere(options.allNamespaces);
    return { targets, single: targets.length === 1, mixed: new Set(targets.map(({ resource }) => resource)).size > 1 };
  }
  const [types = '', ...names] = args;
  const words = types.split(',').filter(Boolean);
  const resources: ApiResource[] = [];
  for (const word of words) {
    const category = await session.resources.category(word);
    const found = category.length > 0 ? category : [await session.resources.require(word)];
    for (const one of found) if (!resources.includes(one)) resources.push(one);
  }
  if (names.length > 0) {
    forbidEverywhere(options.allNamespaces);
    const targets = resources.flatMap((resource) => names.map((name) => at(resource, name)));
    return { targets, single: targets.length === 1, mixed: resources.length > 1 };
  }
  if (!options.allowLists && !options.selected)
    throw new CommandError('resource(s) were provided, but no name was specified');
  return {
    targets: resources.map((resource) => at(resource)),
    single: false,
    mixed: resources.length > 1 || words.includes('all'),
  };
}

function forbidEverywhere(allNamespaces: boolean | undefined): void {
  if (allNamespaces) throw new CommandError('a resource cannot be retrieved by name across all namespaces');
}

/** The object that a manifest names. Throws where the server does not serve its kind, or where it has no name. */
export async function targetOf(
  session: Session,
  { object, source }: { object: KubeObject; source: string },
): Promise<Target> {
  const { apiVersion, kind } = object;
  let resource = await session.resources.ofKind(apiVersion, kind);
  if (!resource) {
    session.resources.forget();
    resource = await session.resources.ofKind(apiVersion, kind);
  }
  if (!resource) {
    throw new CommandError(
      `resource mapping not found for name: ${JSON.stringify(object.metadata?.name ?? '')} namespace: ${JSON.stringify(object.metadata?.namespace ?? '')} from ${JSON.stringify(source)}: no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}\nensure CRDs are installed first`,
    );
  }
  const own = object.metadata.namespace;
  const wanted = session.flags.namespace;
  if (resource.namespaced && own && wanted && own !== wanted) {
    throw new CommandError(
      `the namespace from the provided object ${JSON.stringify(own)} does not match the namespace ${JSON.stringify(wanted)}. You must pass '--namespace=${own}' to perform this operation.`,
    );
  }
  const namespace = resource.namespaced ? (own ?? session.namespace) : undefined;
  if (namespace !== undefined) object.metadata.namespace = namespace;
  return { resource, namespace, name: object.metadata.name, manifest: { object, source } };
}
