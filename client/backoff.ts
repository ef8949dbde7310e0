/** Waiting times that double, with up to a fifth of jitter, so that many clients do not come back in step. */
export class Backoff {
  readonly #firstMs: number;
  readonly #mostMs: number;
  #nextMs: number;

  constructor({ firstMs, mostMs }: { firstMs: number; mostMs: number }) {
    this.#firstMs = firstMs;
    this.#mostMs = mostMs;
    this.#nextMs = firstMs;
  }

  /** Milliseconds to wait now. */
  next(): number {
    const ms = this.#nextMs;
    this.#nextMs = Math.min(ms * 2, this.#mostMs);
    return ms * (1 + Math.random() / 5);
  }

  reset(): void {
    this.#nextMs = this.#firstMs;
  }
}
