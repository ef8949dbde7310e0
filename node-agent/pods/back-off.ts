import type { Clock } from '../clock.ts';

interface Entry {
  ms: number;
  /** When it was last lengthened. */
  at: number;
}

const FIRST_MS = 10_000;
const MOST_MS = 300_000;

/**
 * How long to wait before something that failed is tried again: 10 s, doubling up to 5 minutes, forgotten after 10 quiet
 * minutes (client-go's flowcontrol.Backoff with the kubelet's settings). The first try after a failure is free.
 */
export class BackOff {
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds still to wait after a failure at `since`; 0 where it may be tried now. */
  remaining(key: string, since: number): number {
    const entry = this.#fresh(key, since);
    return entry === undefined ? 0 : Math.max(0, since + entry.ms - this.#clock.now());
  }

  /** The whole period that is being waited, in milliseconds. */
  period(key: string): number {
    return this.#entries.get(key)?.ms ?? 0;
  }

  /** It is tried now, after a failure at `since`: the next wait is longer. */
  next(key: string, since: number): void {
    const entry = this.#fresh(key, since);
    this.#entries.set(key, {
      ms: entry === undefined ? FIRST_MS : Math.min(entry.ms * 2, MOST_MS),
      at: this.#clock.now(),
    });
  }

  forget(key: string): void {
    this.#entries.delete(key);
  }

  #fresh(key: string, since: number): Entry | undefined {
    const entry = this.#entries.get(key);
    return entry === undefined || since - entry.at > 2 * MOST_MS ? undefined : entry;
  }
}

/** `1m20s`: as Go writes durations. */
export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds % 60}s`;
}
