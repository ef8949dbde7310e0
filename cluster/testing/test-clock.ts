import type { Clock } from '@skiff/api/clock';

/** What a timer of Node can hold. */
const LONGEST_MS = 2 ** 31 - 1;

interface Alarm {
  readonly callback: () => void;
  /** On the scale of `#advanced` and the time that has passed. */
  readonly due: number;
  timer: NodeJS.Timeout | undefined;
}

export interface TestClockOptions {
  /** What it shows at first; by default the time of day. */
  readonly at?: Date | string;
  /** It stands still but for {@link TestClock.advance}: every time in every object is known beforehand. */
  readonly fixed?: boolean;
}

/**
 * A cluster's time, which a test can move on. Whatever waits for a time goes on when the clock is moved past it, or when that much
 * real time has passed, so that retries and the like need no help, also where the clock stands still.
 */
export class TestClock implements Clock {
  readonly #start: number;
  readonly #fixed: boolean;
  readonly #began = performance.now();
  readonly #alarms = new Set<Alarm>();
  #advanced = 0;

  constructor({ at = new Date(), fixed = false }: TestClockOptions = {}) {
    this.#start = new Date(at).getTime();
    if (Number.isNaN(this.#start)) throw new Error(`"${String(at)}" is no date that a clock could show`);
    this.#fixed = fixed;
  }

  now(): number {
    return Math.floor(this.#start + this.#advanced + (this.#fixed ? 0 : this.#passed()));
  }

  after(ms: number, callback: () => void): () => void {
    const alarm: Alarm = { callback, due: this.#passed() + this.#advanced + Math.max(ms, 0), timer: undefined };
    this.#alarms.add(alarm);
    this.#wind(alarm);
    return () => this.#drop(alarm);
  }

  /** Moves the clock on, and lets happen what was to happen until then. */
  advance(ms: number): void {
    this.#advanced += ms;
    const due = [...this.#alarms].filter((alarm) => this.#left(alarm) <= 0).sort((a, b) => a.due - b.due);
    for (const alarm of this.#alarms) if (!due.includes(alarm)) this.#wind(alarm);
    for (const alarm of due) this.#ring(alarm);
  }

  #passed(): number {
    return performance.now() - this.#began;
  }

  #left({ due }: Alarm): number {
    return due - this.#passed() - this.#advanced;
  }

  #wind(alarm: Alarm): void {
    clearTimeout(alarm.timer);
    const ms = Math.min(Math.max(this.#left(alarm), 0), LONGEST_MS);
    alarm.timer = setTimeout(() => this.#ring(alarm), ms).unref();
  }

  #ring(alarm: Alarm): void {
    if (!this.#alarms.has(alarm)) return;
    this.#drop(alarm);
    alarm.callback();
  }

  #drop(alarm: Alarm): void {
    clearTimeout(alarm.timer);
    this.#alarms.delete(alarm);
  }
}
