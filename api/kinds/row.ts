import type { Kind, Subresource } from '../kinds.ts';

/** A {@link Kind} as its file writes it down: what most kinds have in common is left out. */
export interface Row {
  readonly version?: string;
  readonly kind: string;
  readonly plural: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  /** True where it is left out. */
  readonly namespaced?: boolean;
  /** All of them where it is left out. */
  readonly verbs?: Kind['verbs'];
  readonly subresources?: readonly Subresource[];
  readonly model: string;
}

/** What `kubectl get all` lists. */
export const inAll = { categories: ['all'] } as const;
export const clusterScoped = { namespaced: false } as const;

export const status: Subresource = { name: 'status', verbs: ['get', 'patch', 'update'] };
export const scale: Subresource = {
  name: 'scale',
  kind: 'Scale',
  group: 'autoscaling',
  version: 'v1',
  verbs: ['get', 'patch', 'update'],
};
/** A subresource that becomes a stream. */
export const connect = (name: string, kind: string): Subresource => ({ name, kind, verbs: ['create', 'get'] });
/** A subresource that hands requests of every kind on. */
export const proxy = (kind: string): Subresource => ({
  name: 'proxy',
  kind,
  verbs: ['create', 'delete', 'get', 'patch', 'update'],
});
