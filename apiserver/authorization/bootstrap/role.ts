import type { PolicyRule } from '../rules.ts';

/** A ClusterRole that a cluster is born with. */
export interface BootstrapRole {
  readonly name: string;
  readonly rules: readonly PolicyRule[];
  /** The role whose rules these become part of. */
  readonly partOf?: AggregatedRole;
  /** Its rules are those of all roles that are part of it: a controller keeps it so. */
  readonly aggregates?: AggregatedRole;
  /** Who has it everywhere. */
  readonly subjects?: readonly BootstrapSubject[];
}

export type AggregatedRole = 'admin' | 'edit' | 'view';

/** A Role that a cluster is born with, in a namespace of the system. */
export interface BootstrapNamespaceRole {
  readonly namespace: string;
  readonly name: string;
  readonly rules: readonly PolicyRule[];
  /** The name of its binding, where it is not its own. */
  readonly binding?: string;
  readonly subjects: readonly BootstrapSubject[];
}

export type BootstrapSubject =
  | { readonly kind: 'User' | 'Group'; readonly name: string }
  | { readonly kind: 'ServiceAccount'; readonly name: string; readonly namespace: string };

export const group = (name: string): BootstrapSubject => ({ kind: 'Group', name });
export const user = (name: string): BootstrapSubject => ({ kind: 'User', name });
export const account = (name: string): BootstrapSubject => ({ kind: 'ServiceAccount', name, namespace: 'kube-system' });

export const reads = 'get list watch';
export const writes = 'create delete deletecollection patch update';
export const all = 'create delete deletecollection get list patch update watch';

const words = (text: string): string[] => text.split(' ');

/** `on('apps', 'deployments replicasets', reads)`; the core group is written `core`. */
export function on(groups: string, resources: string, verbs: string, names?: string): PolicyRule {
  const apiGroups = words(groups).map((name) => (name === 'core' ? '' : name));
  return {
    apiGroups,
    ...(names !== undefined && { resourceNames: words(names) }),
    resources: words(resources),
    verbs: words(verbs),
  };
}

export const onPaths = (paths: string, verbs = 'get'): PolicyRule => ({
  nonResourceURLs: words(paths),
  verbs: words(verbs),
});

/** What everyone who tells of its doings may. */
export const events = on('core events.k8s.io', 'events', 'create patch update');
