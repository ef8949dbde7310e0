import type { Kind, Subresource, Verb } from '@skiff/api/kinds';

/** What is done at a path, in the words that the documents have for it (upstream: apiserver/pkg/endpoints/installer.go). */
export type Action = Verb | 'watchlist' | 'connect';

/** What an operation is about. */
export interface Subject {
  readonly kind: Kind;
  readonly subresource?: Subresource | undefined;
  /** Of all namespaces at once. */
  readonly everywhere?: boolean;
  /** Of a kind that a CustomResourceDefinition defines. */
  readonly custom: boolean;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const article = (noun: string): string => (/^[aeiou]/i.test(noun) ? 'an' : 'a');

/** `RbacAuthorization`, `Core`, `StableExampleCom`: what stands for a group in the names of operations. */
export const groupTitle = (group: string): string =>
  (group === '' ? 'core' : group.replace(/\.k8s\.io$/, '')).split('.').map(capital).join('');

/** `rbacAuthorization_v1`. */
export function tagOf({ group, version }: { group: string; version: string }): string {
  const title = groupTitle(group);
  return `${title.charAt(0).toLowerCase()}${title.slice(1)}_${version}`;
}

const idVerbs: Readonly<Record<Action, string>> = {
  connect: 'connect',
  create: 'create',
  delete: 'delete',
  deletecollection: 'delete',
  get: 'read',
  list: 'list',
  patch: 'patch',
  update: 'replace',
  watch: 'watch',
  watchlist: 'watch',
};

/** `createAppsV1NamespacedDeployment`; `method` is that of requests which become streams. */
export function operationId(action: Action, { kind, subresource, everywhere }: Subject, method = ''): string {
  const prefix = `${groupTitle(kind.group)}${capital(kind.version)}`;
  const collection = action === 'deletecollection' ? 'Collection' : '';
  const scope = kind.namespaced && !everywhere ? 'Namespaced' : '';
  const list = action === 'watchlist' ? 'List' : '';
  const all = everywhere ? 'ForAllNamespaces' : '';
  const part = subresource ? capital(subresource.name) : '';
  return `${idVerbs[action]}${prefix}${capital(method)}${collection}${scope}${kind.kind}${list}${all}${part}`;
}

const insteadOf = "deprecated: use the 'watch' parameter with a list operation instead";

export function describeOperation(action: Action, { kind, subresource, custom }: Subject, method = ''): string {
  const part = subresource ? `${subresource.name} of ` : '';
  const name = kind.kind;
  switch (action) {
    case 'list':
      return custom ? `list objects of kind ${name}` : `list or watch objects of kind ${name}`;
    case 'create':
      return `create ${part}${article(name)} ${name}`;
    case 'get':
      return `read ${part}the specified ${name}`;
    case 'update':
      return `replace ${part}the specified ${name}`;
    case 'patch':
      return `partially update ${part}the specified ${name}`;
    case 'delete':
      return `delete ${article(name)} ${name}`;
    case 'deletecollection':
      return `delete collection of ${name}`;
    case 'watch':
      return `watch changes to an object of kind ${name}. ${insteadOf}, filtered to a single item with the 'fieldSelector' parameter.`;
    case 'watchlist':
      return `watch individual changes to a list of ${name}. ${insteadOf}.`;
    case 'connect':
      return `connect ${method.toUpperCase()} requests to ${part}${name}`;
  }
}

/** What `x-kubernetes-action` says: the verb, but for two that are called by their method. */
export const actionName = (action: Action): string =>
  action === 'create' ? 'post' : action === 'update' ? 'put' : action;
