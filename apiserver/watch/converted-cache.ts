import type { Revision } from '../storage/store.ts';
import { Cached, type Convert } from './cached.ts';
import { CacheEvent } from './event.ts';
import type { ObjectCache } from './object-cache.ts';
import type { Subscriber, Subscription } from './resource-cache.ts';

/** A cache whose objects are served otherwise than they are stored: each state and each event is converted once, when somebody asks for it. */
export class ConvertedCache implements ObjectCache {
  readonly #stored: ObjectCache;
  readonly #convert: Convert;
  readonly #states = new WeakMap<Cached, Cached>();
  readonly #events = new WeakMap<CacheEvent, CacheEvent>();

  constructor(stored: ObjectCache, convert: Convert) {
    this.#stored = stored;
    this.#convert = convert;
  }

  get revision(): Revision {
    return this.#stored.revision;
  }

  get(namespace: string | undefined, name: string): Cached | undefined {
    const found = this.#stored.get(namespace, name);
    return found && this.#state(found);
  }

  list(namespace?: string): { readonly items: readonly Cached[]; readonly revision: Revision } {
    const { items, revision } = this.#stored.list(namespace);
    return { items: items.map((cached) => this.#state(cached)), revision };
  }

  past(namespace: string, at: Revision): readonly Cached[] {
    return this.#stored.past(namespace, at).map((cached) => this.#state(cached));
  }

  reached(revision: Revision): Promise<void> {
    return this.#stored.reached(revision);
  }

  subscribe(subscriber: Subscriber): Subscription {
    return this.#stored.subscribe({
      after: subscriber.after,
      onEvent: (event) => subscriber.onEvent(this.#event(event)),
      onGone: (why) => subscriber.onGone(why),
    });
  }

  #state(stored: Cached): Cached {
    let converted = this.#states.get(stored);
    if (!converted) {
      const { key, revision, stored: value } = stored;
      converted = new Cached({ key, revision, value }, this.#convert);
      this.#states.set(stored, converted);
    }
    return converted;
  }

  #event(stored: CacheEvent): CacheEvent {
    let converted = this.#events.get(stored);
    if (!converted) {
      const { type, current, previous } = stored;
      converted = new CacheEvent(type, this.#state(current), previous && this.#state(previous));
      this.#events.set(stored, converted);
    }
    return converted;
  }
}
