import type { Clock } from '../clock.ts';

/** What a level-based loop waits on: it is woken at once or later, and being woken many times is as being woken once. */
export class Wake {
  readonly #clock: Clock;
  #pending = true;
  #resolvers = Promise.withResolvers<void>();
  #cancel: () => void = () => {};
  #at = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): void {
    this.#pending = true;
    this.#resolvers.resolve();
  }

  /** The earliest of these since the last {@link next} counts. */
  after(ms: number): void {
    const at = this.#clock.now() + ms;
    if (at >= this.#at) return;
    this.#cancel();
    this.#at = at;
    this.#cancel = this.#clock.after(ms, () => this.now());
  }

  /** Resolves when it was woken since the last time. */
  async next(): Promise<void> {
    if (!this.#pending) await this.#resolvers.promise;
    this.#pending = false;
    this.#resolvers = Promise.withResolvers<void>();
    this.cancel();
  }

  /** Forgets what was to come later. */
  cancel(): void {
    this.#cancel();
    this.#at = Number.POSITIVE_INFINITY;
  }
}
