/** One thing that was measured. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: 's' | 'ms' | '/s' | 'MiB' | '%';
  /** What it should be at most (times) or at least (rates), on a quiet machine with two cores. */
  readonly target?: number;
}

/** Measures something; everything that it starts is gone when it ends. */
export interface Benchmark {
  readonly name: string;
  run(): Promise<Figure[]>;
}

/** The value that this share of them does not exceed: `percentile(times, 0.99)`. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(Math.ceil(share * sorted.length), sorted.length) - 1] ?? Number.NaN;
}

/** Runs `work` for 0, 1, ... `count - 1`, so many at a time. */
export async function inParallel(
  count: number,
  options: { connections: number; work(index: number): Promise<void> },
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await options.work(next++);
  };
  await Promise.all(Array.from({ length: options.connections }, lane));
}

/** How long something took, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

export const meets = ({ value, unit, target }: Figure): boolean =>
  target === undefined || (unit === '/s' ? value >= target : value <= target);
