import { setTimeout as delay } from 'node:timers/promises';
import { formatKey, keyOf, type ObjectKey } from '@skiff/api/meta';
import { isExpired, StatusError } from '@skiff/api/status';
import { Backoff } from './backoff.ts';
import { deepFreeze } from './deep-freeze.ts';
import { type Change, type Indexer, ObjectCache } from './object-cache.ts';
import type { Identified, ResourceClient, WatchOptions } from './resource.ts';
import { isOlder } from './resource-version.ts';
import type { WatchEvent } from './watch.ts';

export type { Change } from './object-cache.ts';

export interface InformerOptions<T> {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** By name, the values under which {@link Informer.byIndex} finds an object. */
  readonly indexers?: Readonly<Record<string, Indexer<T>>>;
  /** Seconds after which the server ends a watch, which is begun anew where it left off. Default 300 to 600. */
  readonly watchSeconds?: number;
  /**
   * Milliseconds without an event or bookmark after which a watch counts as broken: the half-open connection, the server that
   * hangs. Default 130 s: servers send a bookmark every 60 s.
   */
  readonly stallMs?: number;
  /**
   * Asks for the first objects as a stream too, which a server need not hold in memory all at once (WatchList, KEP-3157). Where the
   * server refuses, a list is asked for instead. Default false: of a few hundred objects, from a server near by that has them in
   * memory, a list costs both sides less than an event for each. Worth its cost where there are none, or tens of thousands.
   */
  readonly watchList?: boolean;
  /** Waiting times after failures, which double. Default 50 ms, up to 800 ms. */
  readonly retry?: { readonly firstMs: number; readonly mostMs: number };
  /** Told of everything that makes the informer begin anew. */
  readonly onError?: (error: unknown) => void;
  /** For tests: objects are frozen, so that a write to one throws. */
  readonly freeze?: boolean;
}

/** On the bookmark that ends the objects that were there already (API concepts, "Streaming lists"). */
const initialEventsEnd = 'k8s.io/initial-events-end';

/** Short at the start, since a server that was killed is soon back; never long, since it is on the same machine or near. */
const retry = { firstMs: 50, mostMs: 800 };

/** So many lists in a row may be older than what is known, as a server's that lags behind another; then its state was put back. */
const mostStaleLists = 3;

/**
 * A copy of a kind's objects that follows the server: lists, watches from there, lists again when the history is gone
 * (410), and begins anew with back-off whenever the connection breaks or stalls. It never gives up before its signal
 * aborts. No object goes back in time: a state older than the one known is passed over. Objects are shared and read-only. Changes are told exactly: a relist tells what was added, updated and deleted
 * meanwhile, and nothing else.
 */
export class Informer<T extends Identified> {
  readonly #resource: ResourceClient<T>;
  readonly #options: InformerOptions<T>;
  readonly #cache: ObjectCache<T>;
  readonly #handlers = new Set<(change: Change<T>) => void>();
  readonly #synced = Promise.withResolvers<void>();
  readonly #retry: { readonly firstMs: number; readonly mostMs: number };
  readonly #backoff: Backoff;
  #started = false;
  #hasSynced = false;
  /** Whether the first objects are asked for as a stream. */
  #streamsInitial: boolean;
  /** Where the watch goes on; empty where a list must come first. */
  #resourceVersion = '';
  /** The newest state that was heard of. */
  #newest = '';
  #staleLists = 0;

  constructor(resource: ResourceClient<T>, options: InformerOptions<T> = {}) {
    this.#resource = resource;
    this.#options = options;
    this.#cache = new ObjectCache(options.indexers);
    this.#streamsInitial = options.watchList ?? false;
    this.#retry = options.retry ?? retry;
    this.#backoff = new Backoff(this.#retry);
  }

  /** Follows the server until the signal aborts. */
  start({ signal }: { signal: AbortSignal }): void {
    if (this.#started) throw new Error(`the informer of ${this.#resource.kind.plural} is started already`);
    this.#started = true;
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
    return this.#cache.get(key);
  }

  list(namespace?: string): T[] {
    const all = this.#cache.values();
    return namespace === undefined ? all : all.filter((object) => object.metadata.namespace === namespace);
  }

  /** The objects that an indexer put under a value. Throws where there is no such indexer. */
  byIndex(name: string, value: string): T[] {
    const found = this.#cache.byIndex(name, value);
    if (!found) throw new Error(`the informer of ${this.#resource.kind.plural} has no index "${name}"`);
    return found;
  }

  /**
   * Calls back for each change, after the cache has it; first with `added` for all that is there. Returns how to stop. What
   * a handler throws is an uncaught exception; the informer and the other handlers go on.
   */
  onChange(handler: (change: Change<T>) => void): () => void {
    for (const object of this.#cache.values()) call(handler, { type: 'added', object });
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#resourceVersion !== '') await this.#watch(signal);
        else if (this.#streamsInitial) await this.#watchFromNothing(signal);
        else await this.#listAndWatch(signal);
        // It ended in order: on with it, but no faster than this from a server that ends each one at once.
        await delay(this.#retry.firstMs, undefined, { signal });
      } catch (error) {
        if (signal.aborted) return;
        if (isExpired(error)) this.#resourceVersion = '';
        else this.#options.onError?.(error);
        await delay(this.#backoff.next(), undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async #listAndWatch(signal: AbortSignal): Promise<void> {
    await this.#list(signal);
    await this.#watch(signal);
  }

  async #list(signal: AbortSignal): Promise<void> {
    // The first list may come from a cache (`0`); later ones must not show an older state than the one known.
    const list = await this.#resource.list({
      ...this.#selection,
      ...(!this.#hasSynced && { resourceVersion: '0' }),
      signal,
    });
    this.#replace(list.items, list.metadata.resourceVersion);
  }

  #replace(objects: T[], resourceVersion: string): void {
    if (isOlder(resourceVersion, this.#newest) && ++this.#staleLists < mostStaleLists)
      throw new Error(`the server listed its state at ${resourceVersion}, and ${this.#newest} is known`);
    this.#staleLists = 0;
    this.#newest = resourceVersion;
    if (this.#options.freeze) deepFreeze(objects);
    this.#tell(this.#cache.replace(objects));
    this.#resourceVersion = resourceVersion;
    this.#hasSynced = true;
    this.#synced.resolve();
  }

  /** A watch that begins with all there is; a bookmark says where that ends. */
  async #watchFromNothing(signal: AbortSignal): Promise<void> {
    const initial = new Map<string, T>();
    let complete = false;
    try {
      const first = { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' } as const;
      for await (const event of this.#resource.watch({ ...this.#watchOptions(signal), ...first })) {
        const { type, object } = event;
        if (complete) this.#take(event);
        else if (type !== 'BOOKMARK') initial.set(formatKey(keyOf(object)), object);
        else if (object.metadata.annotations?.[initialEventsEnd] === 'true') {
          this.#replace([...initial.values()], object.metadata.resourceVersion ?? '');
          complete = true;
        }
      }
    } catch (error) {
      // Servers without it say so; a list is what they have instead.
      if (complete || !(error instanceof StatusError) || (error.code !== 400 && error.code !== 422)) throw error;
      this.#streamsInitial = false;
      return this.#listAndWatch(signal);
    }
    if (!complete) throw new Error('the watch ended before all objects had come');
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const from = this.#resourceVersion;
    const options = { ...this.#watchOptions(signal), resourceVersion: from };
    for await (const event of this.#resource.watch(options)) {
      // What was before is in the cache, or was there and is no more.
      if (!isOlder(event.object.metadata.resourceVersion, from)) this.#take(event);
    }
  }

  #watchOptions(signal: AbortSignal): WatchOptions {
    return {
      ...this.#selection,
      allowWatchBookmarks: true,
      // Not all at once, for the server's sake.
      timeoutSeconds: this.#options.watchSeconds ?? 300 + Math.floor(Math.random() * 300),
      idleMs: this.#options.stallMs ?? 130_000,
      signal,
    };
  }

  #take({ type, object }: WatchEvent<T>): void {
    if (type !== 'BOOKMARK') {
      if (this.#options.freeze) deepFreeze(object);
      this.#tell(type === 'DELETED' ? this.#cache.remove(object) : this.#cache.put(object));
    }
    this.#resourceVersion = object.metadata.resourceVersion ?? this.#resourceVersion;
    if (!isOlder(this.#resourceVersion, this.#newest)) this.#newest = this.#resourceVersion;
    this.#backoff.reset();
  }

  get #selection(): Pick<InformerOptions<T>, 'namespace' | 'labelSelector' | 'fieldSelector'> {
    const { namespace, labelSelector, fieldSelector } = this.#options;
    return {
      ...(namespace && { namespace }),
      ...(labelSelector && { labelSelector }),
      ...(fieldSelector && { fieldSelector }),
    };
  }

  #tell(changes: Iterable<Change<T>>): void {
    for (const change of changes) for (const handler of this.#handlers) call(handler, change);
  }
}

function call<T>(handler: (change: Change<T>) => void, change: Change<T>): void {
  try {
    handler(change);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
