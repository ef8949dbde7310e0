import { type Clock, systemClock } from '@skiff/api/clock';

/** Retries of one key: after 5 ms, doubling up to 1,000 s, as in client-go. */
const firstRetryMs = 5;
const lastRetryMs = 1_000_000;
/** Retries of all keys together: so many at once, then this many a second, as in client-go. */
const retryBurst = 100;
const retriesPerSecond = 10;

/**
 * Keys to work on: a key that is waiting is not queued twice, and one that is added while it is handled is handed out
 * again afterwards, so no two workers ever have the same one (client-go's workqueue).
 */
export class WorkQueue {
  readonly #waiting = new Set<string>();
  readonly #inHand = new Set<string>();
  readonly #again = new Set<string>();
  readonly #later = new Map<string, { cancel: () => void; due: number }>();
  readonly #clock: Clock;
  readonly #failures = new Map<string, number>();
  readonly #takers: ((key: string | undefined) => void)[] = [];
  /** When the next retry may be, if all that were promised take their turn; it lags behind by what may come at once. */
  #nextRetry = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor({ clock = systemClock }: { readonly clock?: Clock | undefined } = {}) {
    this.#clock = clock;
  }

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
    const due = this.#clock.now() + ms;
    const planned = this.#later.get(key);
    if (planned && planned.due <= due) return;
    planned?.cancel();
    const cancel = this.#clock.after(ms, () => {
      this.#later.delete(key);
      this.add(key);
    });
    this.#later.set(key, { cancel, due });
  }

  /** Adds a key that failed, after a time that doubles until {@link forget}. */
  addRateLimited(key: string): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    const now = performance.now();
    const earliest = now - (retryBurst * 1000) / retriesPerSecond;
    this.#nextRetry = Math.max(this.#nextRetry, earliest) + 1000 / retriesPerSecond;
    this.addAfter(key, Math.max(Math.min(firstRetryMs * 2 ** failures, lastRetryMs), this.#nextRetry - now));
  }

  /** The key succeeded: its next failure is its first. */
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
    for (const { cancel } of this.#later.values()) cancel();
    this.#later.clear();
    for (const taker of this.#takers.splice(0)) taker(undefined);
  }
}
