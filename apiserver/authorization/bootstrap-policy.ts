import type { PolicyRule } from './rules.ts';

/**
 * The roles that a cluster is born with (upstream: plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go), for the resources that a
 * small cluster has. Upstream assembles admin, edit and view by aggregation; here they are written out.
 */
export interface BootstrapRole {
  readonly name: string;
  readonly rules: readonly PolicyRule[];
  /** Who has it everywhere. */
  readonly subjects?: readonly BootstrapSubject[];
}

export type BootstrapSubject =
  | { readonly kind: 'User' | 'Group'; readonly name: string }
  | { readonly kind: 'ServiceAccount'; readonly name: string; readonly namespace: string };

const reads = ['get', 'list', 'watch'];
const writes = ['create', 'delete', 'deletecollection', 'patch', 'update'];

/** `on('apps', 'deployments replicasets', reads)` */
const on = (group: string, resources: string, verbs: readonly string[]): PolicyRule => ({
  apiGroups: [group],
  resources: resources.split(' '),
  verbs: [...verbs],
});
const onPaths = (paths: string): PolicyRule => ({ nonResourceURLs: paths.split(' '), verbs: ['get'] });
const group = (name: string): BootstrapSubject => ({ kind: 'Group', name });
const user = (name: string): BootstrapSubject => ({ kind: 'User', name });

const everyone = group('system:authenticated');
const nobody = group('system:unauthenticated');

const workloads =
  'controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale ' +
  'replicasets/status statefulsets statefulsets/scale statefulsets/status';
const writableWorkloads =
  'daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale';

const view: readonly PolicyRule[] = [
  on(
    '',
    'configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers',
    reads,
  ),
  on('', 'replicationcontrollers/scale serviceaccounts services services/status', reads),
  on('', 'bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status', reads),
  on('', 'resourcequotas resourcequotas/status namespaces', reads),
  on('discovery.k8s.io', 'endpointslices', reads),
  on('events.k8s.io', 'events', reads),
  on('apps', workloads, reads),
  on('autoscaling', 'horizontalpodautoscalers horizontalpodautoscalers/status', reads),
  on('batch', 'cronjobs cronjobs/status jobs jobs/status', reads),
  on('policy', 'poddisruptionbudgets poddisruptionbudgets/status', reads),
  on('networking.k8s.io', 'ingresses ingresses/status networkpolicies', reads),
];

const edit: readonly PolicyRule[] = [
  ...view,
  on('', 'pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy', reads),
  on('', 'serviceaccounts', ['impersonate']),
  on('', 'pods pods/attach pods/exec pods/portforward pods/proxy', writes),
  on('', 'pods/eviction serviceaccounts/token', ['create']),
  on(
    '',
    'configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets',
    writes,
  ),
  on('', 'serviceaccounts services services/proxy', writes),
  on('apps', writableWorkloads, writes),
  on('autoscaling', 'horizontalpodautoscalers', writes),
  on('batch', 'cronjobs jobs', writes),
  on('policy', 'poddisruptionbudgets', writes),
  on('networking.k8s.io', 'ingresses networkpolicies', writes),
  on('coordination.k8s.io', 'leases', [...reads, ...writes]),
];

const admin: readonly PolicyRule[] = [
  ...edit,
  on('authorization.k8s.io', 'localsubjectaccessreviews', ['create']),
  on('rbac.authorization.k8s.io', 'rolebindings roles', [...reads, ...writes]),
];

/**
 * Upstream gives each controller a service account and a role of its own; in Skiff one identity runs them all. The garbage collector
 * and the namespace controller reach every kind; what is created is named.
 */
const controllerManager: readonly PolicyRule[] = [
  on('*', '*', ['get', 'list', 'watch', 'update', 'patch', 'delete', 'deletecollection']),
  on('', 'configmaps endpoints events namespaces pods pods/binding pods/eviction secrets', ['create']),
  on('', 'persistentvolumeclaims', ['create']),
  on('', 'serviceaccounts serviceaccounts/token services', ['create']),
  on('events.k8s.io', 'events', ['create']),
  on('discovery.k8s.io', 'endpointslices', ['create']),
  on('coordination.k8s.io', 'leases', ['create']),
  on('apps', 'controllerrevisions replicasets', ['create']),
  on('batch', 'jobs', ['create']),
  on('authentication.k8s.io', 'tokenreviews', ['create']),
  on('authorization.k8s.io', 'subjectaccessreviews', ['create']),
];

const scheduler: readonly PolicyRule[] = [
  on('', 'events', ['create', 'patch', 'update']),
  on('events.k8s.io', 'events', ['create', 'patch', 'update']),
  on('coordination.k8s.io', 'leases', ['create', 'get', 'list', 'watch', 'update']),
  on('', 'namespaces nodes persistentvolumeclaims persistentvolumes replicationcontrollers services', reads),
  on('', 'pods', ['delete', ...reads]),
  on('', 'bindings pods/binding', ['create']),
  on('', 'pods/status', ['patch', 'update']),
  on('apps', 'replicasets statefulsets', reads),
  on('policy', 'poddisruptionbudgets', reads),
  on('authentication.k8s.io', 'tokenreviews', ['create']),
  on('authorization.k8s.io', 'subjectaccessreviews', ['create']),
];

export const bootstrapRoles: readonly BootstrapRole[] = [
  {
    name: 'cluster-admin',
    rules: [on('*', '*', ['*']), { nonResourceURLs: ['*'], verbs: ['*'] }],
    subjects: [group('system:masters')],
  },
  { name: 'admin', rules: admin },
  { name: 'edit', rules: edit },
  { name: 'view', rules: view },
  {
    name: 'system:discovery',
    rules: [onPaths('/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/')],
    subjects: [everyone],
  },
  {
    name: 'system:public-info-viewer',
    rules: [onPaths('/healthz /livez /readyz /version /version/')],
    subjects: [everyone, nobody],
  },
  {
    name: 'system:basic-user',
    rules: [
      on('authorization.k8s.io', 'selfsubjectaccessreviews selfsubjectrulesreviews', ['create']),
      on('authentication.k8s.io', 'selfsubjectreviews', ['create']),
    ],
    subjects: [everyone],
  },
  {
    name: 'system:kube-controller-manager',
    rules: controllerManager,
    subjects: [user('system:kube-controller-manager')],
  },
  { name: 'system:kube-scheduler', rules: scheduler, subjects: [user('system:kube-scheduler')] },
  {
    name: 'system:coredns',
    rules: [
      on('', 'endpoints services pods namespaces', ['list', 'watch']),
      on('discovery.k8s.io', 'endpointslices', ['list', 'watch']),
    ],
    subjects: [{ kind: 'ServiceAccount', name: 'coredns', namespace: 'kube-system' }],
  },
];
