/**
 * The kinds that Skiff serves, a row each. Routes, discovery, authorization, the client, the tiny kubectl and the
 * completeness tests all read this table. Names, short names, categories and verbs are those of Kubernetes v1.36.
 */

export const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const;
export type Verb = (typeof verbs)[number];

/** A part of an object with an address of its own, as `pods/status`. */
export interface Subresource {
  readonly name: string;
  readonly verbs: readonly Verb[];
  /** What is sent and answered, where that is not the object itself: `Scale` of `autoscaling/v1`. */
  readonly kind?: string;
  readonly group?: string;
  readonly version?: string;
}

export interface Kind {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly Verb[];
  readonly subresources: readonly Subresource[];
  /** The name of its schema, which is also its type in @kubernetes/client-node: `V1Pod`. */
  readonly model: string;
}

const status: Subresource = { name: 'status', verbs: ['get', 'patch', 'update'] };
const scale: Subresource = {
  name: 'scale',
  kind: 'Scale',
  group: 'autoscaling',
  version: 'v1',
  verbs: ['get', 'patch', 'update'],
};
const connect = (name: string, kind: string): Subresource => ({ name, kind, verbs: ['create', 'get'] });

interface Row {
  group?: string;
  version?: string;
  kind: string;
  plural: string;
  shortNames?: readonly string[];
  categories?: readonly string[];
  namespaced?: boolean;
  verbs?: readonly Verb[];
  subresources?: readonly Subresource[];
  model: string;
}

const row = (given: Row): Kind => ({
  group: '',
  version: 'v1',
  singular: given.kind.toLowerCase(),
  shortNames: [],
  categories: [],
  namespaced: true,
  verbs,
  subresources: [],
  ...given,
});

const rbac = 'rbac.authorization.k8s.io';

export const kinds: readonly Kind[] = [
  row({
    kind: 'Namespace',
    plural: 'namespaces',
    shortNames: ['ns'],
    namespaced: false,
    verbs: verbs.filter((verb) => verb !== 'deletecollection'),
    subresources: [status, { name: 'finalize', verbs: ['update'] }],
    model: 'V1Namespace',
  }),
  row({
    kind: 'Node',
    plural: 'nodes',
    shortNames: ['no'],
    namespaced: false,
    subresources: [status],
    model: 'V1Node',
  }),
  row({
    kind: 'Pod',
    plural: 'pods',
    shortNames: ['po'],
    categories: ['all'],
    subresources: [
      status,
      { name: 'binding', kind: 'Binding', verbs: ['create'] },
      { name: 'eviction', kind: 'Eviction', group: 'policy', version: 'v1', verbs: ['create'] },
      { name: 'log', verbs: ['get'] },
      connect('exec', 'PodExecOptions'),
      connect('attach', 'PodAttachOptions'),
      connect('portforward', 'PodPortForwardOptions'),
    ],
    model: 'V1Pod',
  }),
  row({
    kind: 'Service',
    plural: 'services',
    shortNames: ['svc'],
    categories: ['all'],
    subresources: [status],
    model: 'V1Service',
  }),
  row({ kind: 'Endpoints', plural: 'endpoints', shortNames: ['ep'], model: 'V1Endpoints' }),
  row({ group: 'discovery.k8s.io', kind: 'EndpointSlice', plural: 'endpointslices', model: 'V1EndpointSlice' }),
  row({ kind: 'ConfigMap', plural: 'configmaps', shortNames: ['cm'], model: 'V1ConfigMap' }),
  row({ kind: 'Secret', plural: 'secrets', model: 'V1Secret' }),
  row({
    kind: 'ServiceAccount',
    plural: 'serviceaccounts',
    shortNames: ['sa'],
    subresources: [
      { name: 'token', kind: 'TokenRequest', group: 'authentication.k8s.io', version: 'v1', verbs: ['create'] },
    ],
    model: 'V1ServiceAccount',
  }),
  row({ kind: 'Event', plural: 'events', shortNames: ['ev'], model: 'CoreV1Event' }),
  row({ group: 'coordination.k8s.io', kind: 'Lease', plural: 'leases', model: 'V1Lease' }),
  row({
    group: 'apps',
    kind: 'Deployment',
    plural: 'deployments',
    shortNames: ['deploy'],
    categories: ['all'],
    subresources: [status, scale],
    model: 'V1Deployment',
  }),
  row({
    group: 'apps',
    kind: 'ReplicaSet',
    plural: 'replicasets',
    shortNames: ['rs'],
    categories: ['all'],
    subresources: [status, scale],
    model: 'V1ReplicaSet',
  }),
  row({ group: rbac, kind: 'Role', plural: 'roles', model: 'V1Role' }),
  row({ group: rbac, kind: 'RoleBinding', plural: 'rolebindings', model: 'V1RoleBinding' }),
  row({ group: rbac, kind: 'ClusterRole', plural: 'clusterroles', namespaced: false, model: 'V1ClusterRole' }),
  row({
    group: rbac,
    kind: 'ClusterRoleBinding',
    plural: 'clusterrolebindings',
    namespaced: false,
    model: 'V1ClusterRoleBinding',
  }),
];

/** The kind of this name, as `Pod`; the names of the table are unique. Throws where there is none. */
export function kindNamed(name: string): Kind {
  const found = kinds.find((kind) => kind.kind === name);
  if (!found) throw new Error(`no kind "${name}" in the kinds table`);
  return found;
}

/** The kind behind a path: `apps`, `v1`, `deployments`. */
export function kindAt(group: string, version: string, plural: string): Kind | undefined {
  return kinds.find((kind) => kind.plural === plural && kind.group === group && kind.version === version);
}

/** `apiVersion` of a kind: `v1`, `apps/v1`. */
export function apiVersionOf(kind: { group: string; version: string }): string {
  return kind.group ? `${kind.group}/${kind.version}` : kind.version;
}

/** The path that a kind's objects live under: `/api/v1/namespaces/default/pods`, `/apis/apps/v1/deployments`. */
export function collectionPath(kind: Kind, namespace?: string): string {
  const root = kind.group ? `/apis/${kind.group}/${kind.version}` : `/api/${kind.version}`;
  return kind.namespaced && namespace ? `${root}/namespaces/${namespace}/${kind.plural}` : `${root}/${kind.plural}`;
}
