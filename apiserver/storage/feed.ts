import type { Change, Revision } from './store.ts';
import { Compacted } from './store.ts';

/** Changes that a reader of a watch may leave waiting before it is sent back to the log for them. */
export const FEED_CHANGES = 4096;
/** Changes that a reader that is behind reads from the log at a time. */
const LOG_CHANGES = 256;

/** What a feed reads to catch up. */
export interface FeedSource {
  readonly revision: Revision;
  readonly head: Revision;
  changes(prefix: string, options: { after: Revision; until: Revision; limit: number }): readonly Change[];
}

/**
 * One reader of the log. It reads history until it has caught up, then gets the commits as they happen; when it leaves too many
 * waiting they are dropped and it reads the log again from where it was. Switching between the two happens within
 * one turn of the event loop, in which nothing is committed; so there is no gap and nothing comes twice.
 */
export class Feed {
  readonly #source: FeedSource;
  readonly #prefix: string;
  #live: boolean;
  /** Everything up to here was handed out. */
  #seen: Revision;
  /** A watch may begin in the future. */
  readonly #after: Revision;
  #queue: Change[] = [];
  #closed = false;
  #wake: (() => void) | undefined;

  /** Throws {@link Compacted}. */
  constructor(source: FeedSource, prefix: string, after: Revision) {
    if (after < source.head) throw new Compacted(after, source.head);
    this.#source = source;
    this.#prefix = prefix;
    this.#after = after;
    this.#live = after >= source.revision;
    this.#seen = Math.min(after, source.revision);
  }

  /** Whether the reader is gone. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Takes what was committed. */
  push(changes: readonly Change[]): void {
    if (this.#live) {
      for (const change of changes) {
        if (change.revision > this.#after && change.key.startsWith(this.#prefix)) this.#queue.push(change);
      }
      if (this.#queue.length > FEED_CHANGES) {
        this.#queue = [];
        this.#live = false;
      }
    }
    this.#wake?.();
  }

  close(): void {
    this.#closed = true;
    this.#queue = [];
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Change, void, undefined> {
    try {
      while (!this.#closed) {
        const changes = this.#take();
        for (const change of changes) {
          if (this.#closed) return;
          yield change;
        }
        if (changes.length === 0 && this.#live) await this.#more();
      }
    } finally {
      this.close();
    }
  }

  #take(): readonly Change[] {
    const { revision, head } = this.#source;
    if (this.#live) {
      const changes = this.#queue;
      this.#queue = [];
      this.#seen = revision;
      return changes;
    }
    if (this.#seen < head) throw new Compacted(this.#seen, head);
    const options = { after: Math.max(this.#seen, this.#after), until: revision, limit: LOG_CHANGES };
    const changes = this.#source.changes(this.#prefix, options);
    this.#live = changes.length < LOG_CHANGES;
    this.#seen = this.#live ? revision : (changes.at(-1)?.revision ?? revision);
    return changes;
  }

  async #more(): Promise<void> {
    if (this.#closed || this.#queue.length > 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    await promise;
    this.#wake = undefined;
  }
}
