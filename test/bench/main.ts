import { type Benchmark, type Figure, meets } from './benchmark.ts';
import { cluster } from './cluster.ts';
import { pods } from './pods.ts';
import { reads } from './reads.ts';
import { services } from './services.ts';
import { testClusters } from './test-clusters.ts';
import { watchFanOut } from './watch-fan-out.ts';
import { writes } from './writes.ts';

/** `npm run bench`: measures, and prints a table. A text after it runs only the benchmarks whose names contain it. */
const benchmarks: readonly Benchmark[] = [cluster, pods, services, reads, writes, watchFanOut, testClusters];

const columns = [44, 10, 5, 14] as const;

const row = (...cells: readonly string[]): string => {
  const [what = '', value = '', unit = '', target = ''] = cells;
  return `  ${what.padEnd(columns[0])}${value.padStart(columns[1])} ${unit.padEnd(columns[2])}${target}`.trimEnd();
};

function line(figure: Figure): string {
  const { what, value, unit, target } = figure;
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  const bound = target === undefined ? '' : `${unit === '/s' ? 'at least' : 'at most'} ${target}`;
  const verdict = target === undefined ? '' : meets(figure) ? `ok, ${bound}` : `MISSED, ${bound}`;
  return row(what, value.toFixed(digits), unit, verdict);
}

const [wanted = ''] = process.argv.slice(2);
for (const benchmark of benchmarks.filter(({ name }) => name.includes(wanted))) {
  console.log(benchmark.name);
  for (const figure of await benchmark.run()) {
    console.log(line(figure));
    if (!meets(figure)) process.exitCode = 1;
  }
}
