import type { Revision } from '../storage/store.ts';
import type { Cached } from './cached.ts';
import type { Subscriber, Subscription } from './resource-cache.ts';

/** The objects of one resource in one version, as readers see them. Everything it hands out is read-only. */
export interface ObjectCache {
  /** The revision that the cache shows: that of the last change of any resource. */
  readonly revision: Revision;
  /** `namespace` is undefined or empty for cluster-scoped kinds. */
  get(namespace: string | undefined, name: string): Cached | undefined;
  /** In key order. The array is a snapshot: later changes don't show in it. */
  list(namespace?: string): { readonly items: readonly Cached[]; readonly revision: Revision };
  /** What was there at a revision, in key order. Throws {@link Compacted} where the history does not reach back so far. */
  past(namespace: string, at: Revision): readonly Cached[];
  /** Resolves when the cache shows the revision: after a write, the writer reads what it wrote. */
  reached(revision: Revision): Promise<void>;
  /** Delivers every event after `after`. Throws {@link Compacted} where the history does not reach back so far. */
  subscribe(subscriber: Subscriber): Subscription;
}
