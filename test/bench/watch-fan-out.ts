import { type ClientRequest, request } from 'node:http';
import { type Benchmark, type Figure, percentile } from './benchmark.ts';
import { configMap, mapsPath } from './objects.ts';
import { ServerProcess } from './server-process.ts';

const watchers = 100;
const events = 200;

/** A watch; `onEvent` is told the name of each object that comes. */
function watch(socketPath: string, onEvent: (name: string) => void): Promise<ClientRequest> {
  return new Promise((resolve, reject) => {
    const path = `${mapsPath}?watch=1&resourceVersion=0`;
    const sent = request({ socketPath, path, agent: false }, (response) => {
      resolve(sent);
      let rest = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) onEvent(JSON.parse(line).object.metadata.name);
      });
      response.on('error', () => undefined);
    });
    sent.on('error', reject).end();
  });
}

/** How soon every one of many watchers hears of a write, one write after the other. */
export const watchFanOut: Benchmark = {
  name: `watch, ${watchers} watchers`,
  async run(): Promise<Figure[]> {
    await using server = await ServerProcess.start();
    let heard = 0;
    let expected = '';
    let everybody = (): void => undefined;
    const open = await Promise.all(
      Array.from({ length: watchers }, () =>
        watch(server.socketPath, (name) => {
          if (name === expected && ++heard === watchers) everybody();
        }),
      ),
    );
    const times: number[] = [];
    for (let index = 0; index < events; index++) {
      expected = `e-${index}`;
      heard = 0;
      const told = new Promise<void>((resolve) => {
        everybody = resolve;
      });
      const start = performance.now();
      await Promise.all([told, server.send('POST', mapsPath, configMap(expected))]);
      times.push(performance.now() - start);
    }
    for (const one of open) one.destroy();
    const total = times.reduce((sum, time) => sum + time, 0);
    return [
      { what: 'from write to the last watcher, median', value: percentile(times, 0.5), unit: 'ms' },
      { what: 'from write to the last watcher, p99', value: percentile(times, 0.99), unit: 'ms' },
      { what: 'events delivered', value: ((events * watchers) / total) * 1000, unit: '/s' },
    ];
  },
};
