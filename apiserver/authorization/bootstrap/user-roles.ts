import { all, type BootstrapRole, group, on, onPaths, reads, writes } from './role.ts';

const everyone = group('system:authenticated');
const nobody = group('system:unauthenticated');

/** The roles for people: what a cluster's users are given (upstream: bootstrappolicy/policy.go). */
export const userRoles: readonly BootstrapRole[] = [
  {
    name: 'cluster-admin',
    rules: [on('*', '*', '*'), onPaths('*', '*')],
    subjects: [group('system:masters')],
  },
  { name: 'admin', aggregates: 'admin', rules: [] },
  { name: 'edit', aggregates: 'edit', partOf: 'admin', rules: [] },
  { name: 'view', aggregates: 'view', partOf: 'edit', rules: [] },
  {
    name: 'system:aggregate-to-admin',
    partOf: 'admin',
    rules: [
      on('authorization.k8s.io', 'localsubjectaccessreviews', 'create'),
      on('rbac.authorization.k8s.io', 'rolebindings roles', all),
    ],
  },
  {
    name: 'system:aggregate-to-edit',
    partOf: 'edit',
    rules: [
      on('core', 'pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy', reads),
      on('core', 'serviceaccounts', 'impersonate'),
      on('core', 'pods pods/attach pods/exec pods/portforward pods/proxy', writes),
      on('core', 'pods/eviction', 'create'),
      on(
        'core',
        'configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy',
        writes,
      ),
      on('core', 'serviceaccounts/token', 'create'),
      on(
        'apps',
        'daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale',
        writes,
      ),
      on('autoscaling', 'horizontalpodautoscalers', writes),
      on('batch', 'cronjobs jobs', writes),
      on(
        'extensions',
        'daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies replicasets replicasets/scale replicationcontrollers/scale',
        writes,
      ),
      on('policy', 'poddisruptionbudgets', writes),
      on('networking.k8s.io', 'ingresses networkpolicies', writes),
      on('coordination.k8s.io', 'leases', all),
    ],
  },
  {
    name: 'system:aggregate-to-view',
    partOf: 'view',
    rules: [
      on(
        'core',
        'configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status',
        reads,
      ),
      on(
        'core',
        'bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status',
        reads,
      ),
      on('core', 'namespaces', reads),
      on('discovery.k8s.io', 'endpointslices', reads),
      on(
        'apps',
        'controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status',
        reads,
      ),
      on('autoscaling', 'horizontalpodautoscalers horizontalpodautoscalers/status', reads),
      on('batch', 'cronjobs cronjobs/status jobs jobs/status', reads),
      on(
        'extensions',
        'daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale',
        reads,
      ),
      on('policy', 'poddisruptionbudgets poddisruptionbudgets/status', reads),
      on('networking.k8s.io', 'ingresses ingresses/status networkpolicies', reads),
    ],
  },
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
      on('authorization.k8s.io', 'selfsubjectaccessreviews selfsubjectrulesreviews', 'create'),
      on('authentication.k8s.io', 'selfsubjectreviews', 'create'),
    ],
    subjects: [everyone],
  },
  {
    name: 'system:monitoring',
    rules: [onPaths('/healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*')],
    subjects: [group('system:monitoring')],
  },
  {
    name: 'system:service-account-issuer-discovery',
    rules: [onPaths('/.well-known/openid-configuration /openid/v1/jwks')],
    subjects: [group('system:serviceaccounts')],
  },
];
