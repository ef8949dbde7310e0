import { account, type BootstrapRole, events, on, reads, user } from './role.ts';

const asksForTokens = on('authentication.k8s.io', 'tokenreviews', 'create');
const asksForAccess = on('authorization.k8s.io', 'subjectaccessreviews', 'create');
const signingRequests = 'certificatesigningrequests';

const approver = (name: string): BootstrapRole => ({
  name: `system:certificates.k8s.io:${name}-approver`,
  rules: [on('certificates.k8s.io', 'signers', 'approve', `kubernetes.io/${name}`)],
});

/** The roles of a cluster's own programs (upstream: bootstrappolicy/policy.go). */
export const componentRoles: readonly BootstrapRole[] = [
  { name: 'system:auth-delegator', rules: [asksForTokens, asksForAccess] },
  {
    name: `system:certificates.k8s.io:${signingRequests}:nodeclient`,
    rules: [on('certificates.k8s.io', `${signingRequests}/nodeclient`, 'create')],
  },
  {
    name: `system:certificates.k8s.io:${signingRequests}:selfnodeclient`,
    rules: [on('certificates.k8s.io', `${signingRequests}/selfnodeclient`, 'create')],
  },
  approver('kube-apiserver-client'),
  approver('kube-apiserver-client-kubelet'),
  approver('kubelet-serving'),
  approver('legacy-unknown'),
  {
    name: 'system:heapster',
    rules: [on('core', 'events namespaces nodes pods', reads), on('extensions', 'deployments', reads)],
  },
  { name: 'system:kube-aggregator', rules: [on('core', 'endpoints services', reads)] },
  {
    name: 'system:kube-controller-manager',
    rules: [
      events,
      on('coordination.k8s.io', 'leases', 'create'),
      on('coordination.k8s.io', 'leases', 'get update', 'kube-controller-manager'),
      on('core', 'secrets serviceaccounts', 'create'),
      on('core', 'secrets', 'delete'),
      on('core', 'configmaps namespaces secrets serviceaccounts', 'get'),
      on('core', 'secrets serviceaccounts', 'update'),
      asksForTokens,
      asksForAccess,
      on('*', '*', 'list watch'),
      on('core', 'serviceaccounts/token', 'create'),
    ],
    subjects: [user('system:kube-controller-manager')],
  },
  {
    name: 'system:kube-dns',
    rules: [on('core', 'endpoints services', 'list watch')],
    subjects: [account('kube-dns')],
  },
  {
    name: 'system:kube-scheduler',
    rules: [
      events,
      on('coordination.k8s.io', 'leases', 'create'),
      on('coordination.k8s.io', 'leases', 'get update', 'kube-scheduler'),
      on('core', 'nodes', reads),
      on('core', 'pods', 'delete get list watch'),
      on('core', 'bindings pods/binding', 'create'),
      on('core', 'pods/status', 'patch update'),
      on('core', 'replicationcontrollers services', reads),
      on('apps extensions', 'replicasets', reads),
      on('apps', 'statefulsets', reads),
      on('policy', 'poddisruptionbudgets', reads),
      on('core', 'persistentvolumeclaims persistentvolumes', reads),
      asksForTokens,
      asksForAccess,
      on('storage.k8s.io', 'csinodes', reads),
      on('core', 'namespaces', reads),
      on('storage.k8s.io', 'csidrivers', reads),
      on('storage.k8s.io', 'csistoragecapacities', reads),
    ],
    subjects: [user('system:kube-scheduler')],
  },
  {
    name: 'system:kubelet-api-admin',
    rules: [
      on('core', 'nodes', reads),
      on('core', 'nodes', 'proxy'),
      on('core', 'nodes/log nodes/metrics nodes/proxy nodes/stats', '*'),
    ],
  },
  {
    // Nobody has it: what a node may do, the node authorizer decides.
    name: 'system:node',
    rules: [
      asksForTokens,
      on('authorization.k8s.io', 'localsubjectaccessreviews subjectaccessreviews', 'create'),
      on('core', 'services', reads),
      on('core', 'nodes', 'create get list watch'),
      on('core', 'nodes/status', 'patch update'),
      on('core', 'nodes', 'patch update'),
      on('core', 'events', 'create patch update'),
      on('core', 'pods', reads),
      on('core', 'pods', 'create delete'),
      on('core', 'pods/status', 'patch update'),
      on('core', 'pods/eviction', 'create'),
      on('core', 'configmaps secrets', reads),
      on('core', 'persistentvolumeclaims persistentvolumes', 'get'),
      on('core', 'endpoints', 'get'),
      on('certificates.k8s.io', signingRequests, 'create get list watch'),
      on('coordination.k8s.io', 'leases', 'create delete get patch update'),
      on('storage.k8s.io', 'volumeattachments', 'get'),
      on('core', 'serviceaccounts/token', 'create'),
      on('core', 'persistentvolumeclaims/status', 'get patch update'),
      on('storage.k8s.io', 'csidrivers', reads),
      on('storage.k8s.io', 'csinodes', 'create delete get patch update'),
      on('node.k8s.io', 'runtimeclasses', reads),
    ],
    subjects: [],
  },
  {
    name: 'system:node-bootstrapper',
    rules: [on('certificates.k8s.io', signingRequests, 'create get list watch')],
  },
  {
    name: 'system:node-problem-detector',
    rules: [on('core', 'nodes', 'get'), on('core', 'nodes/status', 'patch'), events],
  },
  {
    name: 'system:node-proxier',
    rules: [
      on('core', 'endpoints services', 'list watch'),
      on('core', 'nodes', reads),
      events,
      on('discovery.k8s.io', 'endpointslices', 'list watch'),
      on('networking.k8s.io', 'servicecidrs', 'list watch'),
    ],
    subjects: [user('system:kube-proxy')],
  },
  {
    name: 'system:persistent-volume-provisioner',
    rules: [
      on('core', 'persistentvolumes', 'create delete get list watch'),
      on('core', 'persistentvolumeclaims', 'get list update watch'),
      on('storage.k8s.io', 'storageclasses', reads),
      on('core', 'events', 'watch'),
      events,
    ],
  },
  {
    name: 'system:volume-scheduler',
    rules: [
      on('core', 'persistentvolumes', 'get list patch update watch'),
      on('storage.k8s.io', 'storageclasses', reads),
      on('core', 'persistentvolumeclaims', 'get list patch update watch'),
    ],
    subjects: [user('system:kube-scheduler')],
  },
];
