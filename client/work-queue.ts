/**
 * Keys to work on: a key that is waiting is not queued twice, and one that is added while it is handled is handed out
 * again afterwards, so no two workers ever have the same one (client-go's workqueue).
 */
export class WorkQueue {
  readonly #waiting = new Set<string>();
  readonly #inHand = new Set<string>();
  readonly #again = new Set<string>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #failures = new Map<string, number>();
  readonly #takers: ((key: string | undefined) => void)[] = [];
  #closed = false;

  add(key: string): void {
    if (this.#closed) return;
    if (this.#inHand.has(key)) {
      this.#again.add(key);
      return;
    }
    const taker = this.#takers.shift();
    if (!taker) {
      this.#waiting.add(key);
      return;
    }
    this.#inHand.add(key);
    taker(key);
  }

  /** Adds the key after a while; of several such calls the earliest wins. */
  addAfter(key: string, ms: number): void {
    if (this.#closed) return;
    const due = performance.now() + ms;
    const timer = this.#timers.get(key);
    if (timer && (this.#due.get(key) ?? 0) <= due) return;
    clearTimeout(timer);
    this.#due.set(key, due);
    const later = setTimeout(() => {
      this.#timers.delete(key);
      this.#due.delete(key);
      this.add(key);
    }, ms);
    this.#timers.set(key, later);
  }

  readonly #due = new Map<string, number>();

  /** Adds a key that failed: after 5 ms, doubling up to 1,000 s, until {@link forget}. */
  addRateLimited(key: string): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.addAfter(key, Math.min(5 * 2 ** failures, 1_000_000));
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** The next key, which the caller must give back by {@link done}; undefined once the queue is closed. */
  next(): Promise<string | undefined> {
    if (this.#closed) return Promise.resolve(undefined);
    const [key] = this.#waiting;
    if (key === undefined) return new Promise((resolve) => this.#takers.push(resolve));
    this.#waiting.delete(key);
    this.#inHand.add(key);
    return Promise.resolve(key);
  }

  done(key: string): void {
    this.#inHand.delete(key);
    if (this.#again.delete(key)) this.add(key);
  }

  /** Keys that wait or are in hand; delayed ones do not count. */
  get length(): number {
    return this.#waiting.size + this.#inHand.size;
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    for (const taker of this.#takers.splice(0)) taker(undefined);
  }
}
