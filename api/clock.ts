/** Time, so that tests can set and move it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls back after so many milliseconds, unless the function that it answers with is called before. Keeps no process alive. */
  after(ms: number, callback: () => void): () => void;
}

/** What a timer of Node can hold. */
const LONGEST_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, Math.min(Math.max(ms, 0), LONGEST_MS));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
