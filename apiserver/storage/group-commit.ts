/** A write that waits for its commit. */
interface Waiting<W, R> {
  readonly write: W;
  resolve(result: R): void;
  reject(why: unknown): void;
}

/** What became of one write of a batch: its own failure leaves the others alone. */
export type Outcome<R> = { readonly done: R } | { readonly refused: Error };

/**
 * Collects the writes of one turn of the event loop and hands them over as one batch. A commit occupies the thread, so whatever
 * arrives meanwhile waits in its sockets, is read in the next turn, and makes up the next batch: the more load, the larger the batch.
 */
export class GroupCommit<W, R> {
  /** Commits a batch, publishes it, and returns an outcome for each write in order. Where it throws, nothing was committed. */
  readonly #commit: (writes: readonly W[]) => Outcome<R>[];
  #waiting: Waiting<W, R>[] = [];

  constructor(commit: (writes: readonly W[]) => Outcome<R>[]) {
    this.#commit = commit;
  }

  /** Resolves when the write is committed. */
  add(write: W): Promise<R> {
    if (this.#waiting.length === 0) setImmediate(() => this.flush());
    return new Promise((resolve, reject) => this.#waiting.push({ write, resolve, reject }));
  }

  /** Commits what waits, at once. */
  flush(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    if (batch.length === 0) return;
    let outcomes: Outcome<R>[];
    try {
      outcomes = this.#commit(batch.map(({ write }) => write));
    } catch (error) {
      for (const { reject } of batch) reject(error);
      return;
    }
    for (const [index, { resolve, reject }] of batch.entries()) {
      const outcome = outcomes[index];
      if (outcome && 'done' in outcome) resolve(outcome.done);
      else reject(outcome?.refused ?? new Error('the commit left out a write'));
    }
  }
}
