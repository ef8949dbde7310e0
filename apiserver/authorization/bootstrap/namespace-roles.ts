import { account, type BootstrapNamespaceRole, events, on, reads, user } from './role.ts';

const system = 'kube-system';
const leaders = [
  on('coordination.k8s.io', 'leases', 'create get list update watch'),
  on('coordination.k8s.io', 'leasecandidates', 'create get list update watch'),
];

/** The roles in the namespaces of the system (upstream: bootstrappolicy/namespace_policy.go). */
export const namespaceRoles: readonly BootstrapNamespaceRole[] = [
  {
    namespace: 'kube-public',
    name: 'system:controller:bootstrap-signer',
    rules: [on('core', 'configmaps', reads), on('core', 'configmaps', 'update', 'cluster-info'), events],
    subjects: [account('bootstrap-signer')],
  },
  {
    namespace: system,
    name: 'extension-apiserver-authentication-reader',
    rules: [on('core', 'configmaps', reads, 'extension-apiserver-authentication')],
    binding: 'system::extension-apiserver-authentication-reader',
    subjects: [user('system:kube-controller-manager'), user('system:kube-scheduler')],
  },
  {
    namespace: system,
    name: 'system::leader-locking-kube-controller-manager',
    rules: leaders,
    subjects: [
      user('system:kube-controller-manager'),
      account('kube-controller-manager'),
      account('leader-election-controller'),
    ],
  },
  {
    namespace: system,
    name: 'system::leader-locking-kube-scheduler',
    rules: leaders,
    subjects: [user('system:kube-scheduler'), account('kube-scheduler')],
  },
  {
    namespace: system,
    name: 'system:controller:bootstrap-signer',
    rules: [on('core', 'secrets', reads)],
    subjects: [account('bootstrap-signer')],
  },
  {
    namespace: system,
    name: 'system:controller:cloud-provider',
    rules: [on('core', 'configmaps', 'create get list watch')],
    subjects: [account('cloud-provider')],
  },
  {
    namespace: system,
    name: 'system:controller:token-cleaner',
    rules: [on('core', 'secrets', 'delete get list watch'), events],
    subjects: [account('token-cleaner')],
  },
];
