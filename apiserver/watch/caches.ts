import type { Change, Revision, Store } from '../storage/store.ts';
import { Cached } from './cached.ts';
import { ResourceCache } from './resource-cache.ts';

/**
 * The watch caches of all resources, fed by one watch of the store, so that their events have one order and one revision.
 * Holds everything in memory: reads never reach the store.
 */
export class Caches implements AsyncDisposable {
  readonly #store: Store;
  readonly #ringEvents: number | undefined;
  readonly #resources = new Map<string, ResourceCache>();
  readonly #listeners = new Set<(revision: Revision) => void>();
  readonly #waiting: Waiting[] = [];
  readonly #stop = new AbortController();
  #revision: Revision = 0;
  #running: Promise<void> | undefined;
  #ended: Error | undefined;

  constructor(options: { store: Store; ringEvents?: number }) {
    this.#store = options.store;
    this.#ringEvents = options.ringEvents;
  }

  /** Loads what is there; synchronous, so that the caches are complete when it returns. */
  start(options: { signal?: AbortSignal } = {}): void {
    const page = this.#store.list('');
    this.#revision = page.revision;
    for (const entry of page.entries) this.#cacheOf(entry.key).load(new Cached(entry));
    options.signal?.addEventListener('abort', () => this.#stop.abort(), { once: true });
    this.#running = this.#follow();
  }

  /** The cache of a resource; made when it is first asked for, so a kind without objects has one too. */
  of(resource: { readonly group: string; readonly plural: string }): ResourceCache {
    return this.#at(prefixOf(resource));
  }

  /** Every change up to this revision has been delivered to every subscriber. */
  get revision(): Revision {
    return this.#revision;
  }

  /** Resolves when {@link revision} is at least this; rejects when the caches end before. */
  reached(revision: Revision): Promise<void> {
    if (revision <= this.#revision) return Promise.resolve();
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => this.#waiting.push({ revision, resolve, reject }));
  }

  /** Calls back after each revision, when its event has been delivered; what it returns stops that. For bookmarks. */
  onRevision(listener: (revision: Revision) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ends every subscription. Does not close the store. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #follow(): Promise<void> {
    let why = new Error('the watch cache is closed');
    try {
      const changes = this.#store.watch('', { after: this.#revision, signal: this.#stop.signal });
      for await (const change of changes) this.#apply(change);
    } catch (error) {
      why = error instanceof Error ? error : new Error(String(error));
    }
    this.#ended = why;
    for (const cache of this.#resources.values()) cache.end(why);
    for (const waiting of this.#waiting.splice(0)) waiting.reject(why);
  }

  #apply(change: Change): void {
    // First the number, so that a subscriber who lists inside onEvent sees the revision that the list shows.
    this.#revision = change.revision;
    this.#cacheOf(change.key).apply(change);
    for (const listener of this.#listeners) listener(change.revision);
    while (this.#waiting.length > 0) {
      const due = this.#waiting.findIndex((waiting) => waiting.revision <= change.revision);
      if (due < 0) break;
      for (const waiting of this.#waiting.splice(due, 1)) waiting.resolve();
    }
  }

  #cacheOf(key: string): ResourceCache {
    const plural = key.indexOf('/') + 1;
    return this.#at(key.slice(0, key.indexOf('/', plural) + 1));
  }

  #at(prefix: string): ResourceCache {
    let cache = this.#resources.get(prefix);
    if (!cache) {
      cache = new ResourceCache({ prefix, store: this.#store, progress: this, ringEvents: this.#ringEvents });
      this.#resources.set(prefix, cache);
    }
    return cache;
  }
}

interface Waiting {
  readonly revision: Revision;
  resolve(): void;
  reject(why: Error): void;
}

/** The store's prefix of a resource: `apps/deployments/`; the core group is written `core`. */
export function prefixOf({ group, plural }: { readonly group: string; readonly plural: string }): string {
  return `${group || 'core'}/${plural}/`;
}

/** The store's key of an object: `core/pods/default/web-0`; the namespace of cluster-scoped kinds is empty. */
export function keyAt(
  resource: { readonly group: string; readonly plural: string },
  key: { readonly namespace?: string | undefined; readonly name: string },
): string {
  return `${prefixOf(resource)}${key.namespace ?? ''}/${key.name}`;
}
