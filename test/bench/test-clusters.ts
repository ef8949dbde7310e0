import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Benchmark, type Figure, percentile } from './benchmark.ts';

const program = join(import.meta.dirname, 'test-clusters-process.ts');
const runs = 5;

interface Times {
  /** Milliseconds to load the modules. */
  readonly load: number;
  /** Milliseconds from nothing to a cluster and back. */
  readonly first: number;
  readonly second: number;
  /** Milliseconds until fifty clusters that start at once have started. */
  readonly fifty: number;
  /** MiB then. */
  readonly memory: number;
}

async function measure(): Promise<Times> {
  const { stdout } = await promisify(execFile)(process.execPath, [program]);
  return JSON.parse(stdout);
}

/** What a test pays for a cluster of its own: two simulated nodes, all controllers. The median of several processes. */
export const testClusters: Benchmark = {
  name: 'clusters in tests',
  async run(): Promise<Figure[]> {
    const times: Times[] = [];
    for (let run = 0; run < runs; run += 1) times.push(await measure());
    const median = (of: keyof Times): number =>
      percentile(
        times.map((one) => one[of]),
        0.5,
      );
    return [
      { what: 'load skiff/testing', value: median('load'), unit: 'ms' },
      { what: 'start and stop the first of a process', value: median('first'), unit: 'ms', target: 150 },
      { what: 'start and stop the second', value: median('second'), unit: 'ms', target: 60 },
      { what: 'start 50 at once', value: median('fifty'), unit: 'ms' },
      { what: 'memory of the process with 50', value: median('memory'), unit: 'MiB' },
    ];
  },
};
