import { type Benchmark, type Figure, inParallel, timed } from './benchmark.ts';
import { configMap, mapsPath } from './objects.ts';
import { ServerProcess } from './server-process.ts';

async function createsPerSecond(
  server: ServerProcess,
  options: { count: number; connections: number },
): Promise<Figure> {
  const { connections, count } = options;
  const work = async (index: number): Promise<void> => {
    await server.send('POST', mapsPath, configMap(`w-${connections}-${index}`));
  };
  const ms = await timed(() => inParallel(count, { connections, work }));
  const plural = connections === 1 ? 'connection' : 'connections';
  return { what: `creates at ${connections} ${plural}`, value: (count / ms) * 1000, unit: '/s' };
}

/** Creates, each of which is on disk when it is answered. */
export const writes: Benchmark = {
  name: 'writes',
  async run(): Promise<Figure[]> {
    await using server = await ServerProcess.start();
    await createsPerSecond(server, { count: 200, connections: 8 });
    return [
      await createsPerSecond(server, { count: 500, connections: 1 }),
      await createsPerSecond(server, { count: 4000, connections: 32 }),
    ];
  },
};
