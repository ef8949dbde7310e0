import { account, type BootstrapRole, on, user } from './role.ts';

/** The roles of the programs that are Skiff's own. */
export const skiffRoles: readonly BootstrapRole[] = [
  {
    // Upstream each controller works as a service account of its own; here one identity runs them all. The garbage collector and the
    // namespace controller reach every kind; what is created is named.
    name: 'skiff:controllers',
    rules: [
      on('*', '*', 'get list watch update patch delete deletecollection'),
      on('core', 'configmaps endpoints events namespaces pods pods/binding pods/eviction secrets', 'create'),
      on('core', 'persistentvolumeclaims serviceaccounts serviceaccounts/token services', 'create'),
      on('events.k8s.io', 'events', 'create'),
      on('discovery.k8s.io', 'endpointslices', 'create'),
      on('coordination.k8s.io', 'leases', 'create'),
      on('apps', 'controllerrevisions replicasets', 'create'),
      on('batch', 'jobs', 'create'),
      on('networking.k8s.io', 'ipaddresses servicecidrs', 'create'),
      on('rbac.authorization.k8s.io', 'clusterroles', 'escalate'),
    ],
    subjects: [user('system:kube-controller-manager')],
  },
  {
    name: 'system:coredns',
    rules: [
      on('core', 'endpoints services pods namespaces', 'list watch'),
      on('discovery.k8s.io', 'endpointslices', 'list watch'),
    ],
    subjects: [account('coredns')],
  },
];
