import type { Change, Revision, Store } from '../storage/store.ts';
import { Compacted } from '../storage/store.ts';
import { Cached } from './cached.ts';
import { CacheEvent } from './event.ts';
import type { ObjectCache } from './object-cache.ts';
import { Ring } from './ring.ts';
import { SortedByKey } from './sorted-by-key.ts';

/** Events that a resource keeps at hand, parsed and encoded, for watches that resume; older ones are read from the store. */
export const RING_EVENTS = 256;
/** Events that a resuming watch gets at most from the store's history; one further behind is better off with a new list. */
export const REPLAY_EVENTS = 4096;

export interface Subscription {
  /** No event is delivered after this. May be called again. */
  close(): void;
}

export interface Subscriber {
  /** The revision that the subscriber has seen. Absent: only what comes. In the future: events after it. */
  readonly after?: Revision | undefined;
  /** Called in revision order, no gap, none twice; for past events before `subscribe` returns. Must not throw. */
  onEvent(event: CacheEvent): void;
  /** The cache ended or lost its place: no more events come, and the subscriber must list again. */
  onGone(why: Error): void;
}

/** What a cache knows of the whole: how far all of them are. */
export interface Progress {
  readonly revision: Revision;
  reached(revision: Revision): Promise<void>;
}

/** The objects of one resource as they are now, and the events that lately led there. Everything it hands out is read-only. */
export class ResourceCache implements ObjectCache {
  readonly prefix: string;
  readonly #store: Store;
  readonly #progress: Progress;
  readonly #all = new SortedByKey();
  readonly #byNamespace = new Map<string, SortedByKey>();
  readonly #ring: Ring;
  readonly #subscribers = new Set<Subscriber>();

  /** `prefix` is `group/plural/`; `progress.revision` is where the cache begins. {@link Caches} makes and feeds it. */
  constructor(options: { prefix: string; store: Store; progress: Progress; ringEvents?: number | undefined }) {
    this.prefix = options.prefix;
    this.#store = options.store;
    this.#progress = options.progress;
    this.#ring = new Ring(options.progress.revision, options.ringEvents ?? RING_EVENTS);
  }

  get revision(): Revision {
    return this.#progress.revision;
  }

  /** The number of objects. */
  get size(): number {
    return this.#all.items.length;
  }

  get(namespace: string | undefined, name: string): Cached | undefined {
    return this.#all.get(`${this.prefix}${namespace ?? ''}/${name}`);
  }

  list(namespace?: string): { readonly items: readonly Cached[]; readonly revision: Revision } {
    const items = namespace ? this.#byNamespace.get(namespace)?.items : this.#all.items;
    return { items: items ?? [], revision: this.revision };
  }

  past(namespace: string, at: Revision): readonly Cached[] {
    if (at === this.revision) return this.list(namespace).items;
    const prefix = this.prefix + (namespace && `${namespace}/`);
    return this.#store.list(prefix, { at }).entries.map((entry) => new Cached(entry));
  }

  reached(revision: Revision): Promise<void> {
    return this.#progress.reached(revision);
  }

  subscribe(subscriber: Subscriber): Subscription {
    for (const event of this.#since(subscriber.after ?? this.revision)) subscriber.onEvent(event);
    const { after } = subscriber;
    const target: Subscriber =
      after !== undefined && after > this.revision
        ? {
            onEvent: (event) => event.revision > after && subscriber.onEvent(event),
            onGone: (why) => subscriber.onGone(why),
          }
        : subscriber;
    this.#subscribers.add(target);
    return { close: () => this.#subscribers.delete(target) };
  }

  /** Takes what was there when the cache was filled. Only for {@link Caches}. */
  load(cached: Cached): void {
    this.#put(cached);
  }

  /** Takes the next change. Only for {@link Caches}. */
  apply(change: Change): void {
    const event = CacheEvent.from(change, this.#all.get(change.key));
    if (event.type === 'DELETED') this.#remove(event.current);
    else this.#put(event.current);
    this.#ring.push(event);
    // A copy: who subscribes inside onEvent has this event from the ring already.
    for (const subscriber of [...this.#subscribers]) {
      if (this.#subscribers.has(subscriber)) subscriber.onEvent(event);
    }
  }

  /** Ends every subscription. Only for {@link Caches}. */
  end(why: Error): void {
    const subscribers = [...this.#subscribers];
    this.#subscribers.clear();
    for (const subscriber of subscribers) subscriber.onGone(why);
  }

  #since(after: Revision): readonly CacheEvent[] {
    const recent = this.#ring.since(after);
    return recent ?? [...this.#history(after), ...(this.#ring.since(this.#ring.after) ?? [])];
  }

  /** What the ring has forgotten, from the store. */
  #history(after: Revision): CacheEvent[] {
    const until = this.#ring.after;
    const changes = this.#store.changes(this.prefix, { after, until, limit: REPLAY_EVENTS + 1 });
    if (changes.length > REPLAY_EVENTS) throw new Compacted(after, until);
    return changes.map((change) => CacheEvent.from(change));
  }

  #put(cached: Cached): void {
    this.#all.put(cached);
    if (!cached.namespace) return;
    const bucket = this.#byNamespace.get(cached.namespace) ?? new SortedByKey();
    bucket.put(cached);
    this.#byNamespace.set(cached.namespace, bucket);
  }

  #remove({ key, namespace }: Cached): void {
    this.#all.remove(key);
    const bucket = this.#byNamespace.get(namespace);
    bucket?.remove(key);
    if (bucket?.items.length === 0) this.#byNamespace.delete(namespace);
  }
}
