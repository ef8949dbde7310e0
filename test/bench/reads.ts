import { type Benchmark, type Figure, percentile, timed } from './benchmark.ts';
import { configMap, fill, makeAccount, mapsPath, pod, podsPath } from './objects.ts';
import { ServerProcess } from './server-process.ts';

const objects = 10_000;
const pods = 3000;
const gets = 3000;
const lists = 20;

async function getTimes(server: ServerProcess): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < gets; index++) {
    const name = `o-${(index * 7919) % (objects - pods)}`;
    times.push(await timed(() => server.send('GET', `${mapsPath}/${name}`)));
  }
  return times;
}

async function listTimes(server: ServerProcess): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < lists; index++) times.push(await timed(() => server.send('GET', podsPath)));
  return times;
}

/** Gets and lists of a server that holds 10,000 objects, 3,000 Pods among them. */
export const reads: Benchmark = {
  name: `reads, ${objects.toLocaleString('en')} objects stored`,
  async run(): Promise<Figure[]> {
    await using server = await ServerProcess.start();
    await makeAccount(server);
    await fill(server, mapsPath, { count: objects - pods, make: configMap });
    await fill(server, podsPath, { count: pods, make: pod });
    await listTimes(server);
    const [single, list] = [await getTimes(server), await listTimes(server)];
    return [
      { what: 'get, median', value: percentile(single, 0.5), unit: 'ms' },
      { what: 'get, p99', value: percentile(single, 0.99), unit: 'ms', target: 5 },
      { what: 'list of 3,000 Pods, median', value: percentile(list, 0.5), unit: 'ms', target: 100 },
      { what: 'list of 3,000 Pods, slowest', value: Math.max(...list), unit: 'ms' },
    ];
  },
};
