import { setTimeout as delay } from 'node:timers/promises';
import { formatKey, keyOf, type ObjectKey } from '@skiff/api/meta';
import { isExpired } from '@skiff/api/status';
import { Backoff } from './backoff.ts';
import type { Identified, ResourceClient } from './resource.ts';

export interface InformerOptions<T> {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** By name, the values under which {@link Informer.byIndex} finds an object. */
  readonly indexers?: Readonly<Record<string, (object: T) => readonly string[]>>;
  /** Seconds after which a watch is begun anew where it left off, so that a half-open connection is noticed. Default 300 to 600. */
  readonly watchSeconds?: number;
}

export type Change<T> = { type: 'added' | 'updated' | 'deleted'; object: T; old?: T };

/**
 * A copy of a kind's objects that follows the server: lists, watches from there, lists again when the history is gone
 * (410), and begins anew with back-off whenever the connection breaks. Objects are shared and read-only.
 */
export class Informer<T extends Identified> {
  readonly #resource: ResourceClient<T>;
  readonly #options: InformerOptions<T>;
  readonly #objects = new Map<string, T>();
  readonly #handlers = new Set<(change: Change<T>) => void>();
  readonly #indexes = new Map<string, Map<string, Set<string>>>();
  readonly #synced = Promise.withResolvers<void>();
  #hasSynced = false;
  #resourceVersion = '';

  constructor(resource: ResourceClient<T>, options: InformerOptions<T> = {}) {
    this.#resource = resource;
    this.#options = options;
    for (const name of Object.keys(options.indexers ?? {})) this.#indexes.set(name, new Map());
  }

  /** Follows the server until the signal aborts. */
  start({ signal }: { signal: AbortSignal }): void {
    void this.#run(signal);
  }

  /** Resolves when the first list is in. Never rejects: a server that is away is tried until it is there. */
  synced(): Promise<void> {
    return this.#synced.promise;
  }

  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  get(key: ObjectKey): T | undefined {
    return this.#objects.get(formatKey(key));
  }

  list(namespace?: string): T[] {
    const all = [...this.#objects.values()];
    return namespace === undefined ? all : all.filter((object) => object.metadata.namespace === namespace);
  }

  /** The objects that an indexer put under a value. Throws where there is no such indexer. */
  byIndex(name: string, value: string): T[] {
    const index = this.#indexes.get(name);
    if (!index) throw new Error(`the informer of ${this.#resource.kind.plural} has no index "${name}"`);
    return [...(index.get(value) ?? [])].flatMap((key) => this.#objects.get(key) ?? []);
  }

  /** Calls back for each change, after the cache has it; first with `added` for all that is there. Returns how to stop. */
  onChange(handler: (change: Change<T>) => void): () => void {
    this.#handlers.add(handler);
    for (const object of this.#objects.values()) handler({ type: 'added', object });
    return () => this.#handlers.delete(handler);
  }

  async #run(signal: AbortSignal): Promise<void> {
    const backoff = new Backoff({ firstMs: 50, mostMs: 1000 });
    while (!signal.aborted) {
      try {
        if (this.#resourceVersion === '') await this.#relist(signal);
        await this.#watch(signal, () => backoff.reset());
        await delay(10, undefined, { signal });
      } catch (error) {
        if (signal.aborted) return;
        if (isExpired(error)) this.#resourceVersion = '';
        await delay(backoff.next(), undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async #relist(signal: AbortSignal): Promise<void> {
    const { namespace, labelSelector, fieldSelector } = this.#options;
    const list = await this.#resource.list({ namespace, labelSelector, fieldSelector, resourceVersion: '0', signal });
    const gone = new Set(this.#objects.keys());
    for (const object of list.items) {
      gone.delete(formatKey(keyOf(object)));
      this.#put(object);
    }
    for (const key of gone) this.#remove(key);
    this.#resourceVersion = list.metadata.resourceVersion;
    this.#hasSynced = true;
    this.#synced.resolve();
  }

  async #watch(signal: AbortSignal, onProgress: () => void): Promise<void> {
    const { namespace, labelSelector, fieldSelector } = this.#options;
    const timeoutSeconds = this.#options.watchSeconds ?? 300 + Math.floor(Math.random() * 300);
    // A connection that died without a word is given up a little after the server should have ended it.
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutSeconds * 1000 + 5000)]);
    const events = this.#resource.watch({
      namespace,
      labelSelector,
      fieldSelector,
      resourceVersion: this.#resourceVersion,
      allowWatchBookmarks: true,
      timeoutSeconds,
      signal: limit,
    });
    for await (const { type, object } of events) {
      if (type === 'DELETED') this.#remove(formatKey(keyOf(object)), object);
      else if (type !== 'BOOKMARK') this.#put(object);
      this.#resourceVersion = object.metadata.resourceVersion ?? this.#resourceVersion;
      onProgress();
    }
  }

  #put(object: T): void {
    const key = formatKey(keyOf(object));
    const old = this.#objects.get(key);
    if (old && old.metadata.resourceVersion === object.metadata.resourceVersion) return;
    if (old && old.metadata.uid !== object.metadata.uid) this.#remove(key);
    if (old) this.#unindex(key, old);
    this.#objects.set(key, object);
    this.#index(key, object);
    const replaced = old && old.metadata.uid === object.metadata.uid;
    this.#tell(replaced ? { type: 'updated', object, old } : { type: 'added', object });
  }

  #remove(key: string, last?: T): void {
    const old = this.#objects.get(key);
    if (!old) return;
    this.#objects.delete(key);
    this.#unindex(key, old);
    this.#tell({ type: 'deleted', object: last ?? old, old });
  }

  #tell(change: Change<T>): void {
    for (const handler of this.#handlers) handler(change);
  }

  #index(key: string, object: T): void {
    for (const [name, indexer] of Object.entries(this.#options.indexers ?? {})) {
      const index = this.#indexes.get(name);
      for (const value of indexer(object)) {
        const keys = index?.get(value) ?? new Set();
        index?.set(value, keys.add(key));
      }
    }
  }

  #unindex(key: string, object: T): void {
    for (const [name, indexer] of Object.entries(this.#options.indexers ?? {})) {
      const index = this.#indexes.get(name);
      for (const value of indexer(object)) {
        const keys = index?.get(value);
        keys?.delete(key);
        if (keys?.size === 0) index?.delete(value);
      }
    }
  }
}
