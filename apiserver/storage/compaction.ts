import type { Log } from './log.ts';
import type { Revision } from './store.ts';

/** How many writes the history keeps. */
export const HISTORY_ROWS = 20_000;
/** How long the history keeps a write, in milliseconds. */
export const HISTORY_AGE = 60 * 60_000;
/** Writes that one step of the compaction goes over; a step takes some milliseconds. */
export const COMPACTION_STEP = 200;
/** How often the history's age is looked at, in milliseconds. */
export const COMPACTION_INTERVAL = 30_000;

export interface History {
  readonly rows?: number;
  readonly age?: number;
}

/**
 * Keeps the history bounded. Going on from where it stopped, each step looks only at the writes that it forgets, not at the
 * objects that stay, so its cost follows the writes and not the size of the cluster. A step is one transaction; between two
 * steps the event loop turns.
 */
export class Compaction {
  readonly #log: Log;
  readonly #rows: number;
  readonly #age: number;
  #head: Revision;
  #timer: NodeJS.Timeout;
  #hurried = false;

  constructor(log: Log, history: History = {}) {
    this.#log = log;
    this.#rows = history.rows ?? HISTORY_ROWS;
    this.#age = history.age ?? HISTORY_AGE;
    this.#head = log.head();
    this.#timer = this.#schedule(COMPACTION_INTERVAL);
  }

  /** The history shows every revision from this one on. */
  get head(): Revision {
    return this.#head;
  }

  /** Tells how long the log has grown. */
  grown(last: Revision): void {
    if (this.#hurried || last - this.#head < this.#rows + COMPACTION_STEP) return;
    this.#hurried = true;
    clearTimeout(this.#timer);
    this.#timer = this.#schedule(0);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #schedule(delay: number): NodeJS.Timeout {
    return setTimeout(() => this.#run(), delay).unref();
  }

  #run(): void {
    let more = false;
    try {
      more = this.#step();
    } catch {
      // Nothing was forgotten, and it is tried again at its time. What fails here (a full disk) fails the writes too, and they say it.
    }
    this.#hurried = more;
    this.#timer = this.#schedule(more ? 0 : COMPACTION_INTERVAL);
  }

  /** Returns whether there may be more to forget. */
  #step(): boolean {
    const from = this.#head;
    const last = this.#log.last();
    const to = Math.min(from + COMPACTION_STEP, last);
    const old = this.#log.olderThan(Date.now() - this.#age, { from, to });
    const target = Math.max(old, Math.min(to, last - this.#rows));
    if (target <= from) return false;
    this.#log.transaction(() => this.#log.forget({ from, to: target }));
    this.#head = target;
    return target === from + COMPACTION_STEP;
  }
}
