/** Starts and stops clusters in a process of its own, as a test file does; prints the times as JSON. See test-clusters.ts. */
import { enableCompileCache } from 'node:module';

enableCompileCache();
const options = { nodes: 2 };

const loading = performance.now();
const { startCluster } = await import('@skiff/cluster/testing');
const load = performance.now() - loading;

async function cycle(): Promise<number> {
  const began = performance.now();
  await (await startCluster(options)).close();
  return performance.now() - began;
}

const first = await cycle();
const second = await cycle();
const began = performance.now();
const clusters = await Promise.all(Array.from({ length: 50 }, () => startCluster(options)));
const fifty = performance.now() - began;
const memory = process.memoryUsage.rss() / 2 ** 20;
await Promise.all(clusters.map((cluster) => cluster.close()));
console.log(JSON.stringify({ load, first, second, fifty, memory }));
