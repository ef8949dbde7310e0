import type { Revision } from '../storage/store.ts';
import type { CacheEvent } from './event.ts';

/** The last events of one resource, oldest overwritten first. */
export class Ring {
  readonly #events: CacheEvent[] = [];
  readonly #size: number;
  /** Where the oldest event is, once the ring is full. */
  #start = 0;
  #after: Revision;

  constructor(after: Revision, size: number) {
    this.#after = after;
    this.#size = size;
  }

  /** The ring holds every event after this revision. */
  get after(): Revision {
    return this.#after;
  }

  push(event: CacheEvent): void {
    if (this.#events.length < this.#size) {
      this.#events.push(event);
      return;
    }
    this.#after = this.#events[this.#start]?.revision ?? this.#after;
    this.#events[this.#start] = event;
    this.#start = (this.#start + 1) % this.#size;
  }

  /** The events after a revision, oldest first; undefined where the ring does not reach back so far. */
  since(revision: Revision): CacheEvent[] | undefined {
    if (revision < this.#after) return undefined;
    let count = 0;
    const total = this.#events.length;
    // Most watchers that resume have missed little: look from the newest.
    while (count < total && this.#at(total - 1 - count).revision > revision) count++;
    return Array.from({ length: count }, (_, index) => this.#at(total - count + index));
  }

  #at(index: number): CacheEvent {
    const event = this.#events[(this.#start + index) % this.#events.length];
    if (!event) throw new RangeError(`the ring has no event ${index}`);
    return event;
  }
}
