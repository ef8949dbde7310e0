import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@skiff/client/client';
import { eventually } from '@skiff/client/testing/eventually';
import { DataFolder } from '@skiff/cluster/data-folder';
import { askSupervisor } from '@skiff/cluster/supervisor/control';
import { ClusterUnderTest } from '../e2e/cluster-under-test.ts';
import { commandLine, descendants } from '../e2e/processes.ts';
import { greet } from '../e2e/requests.ts';
import { type Benchmark, timed } from './benchmark.ts';

/** What is begun at the start is over by then. */
const SETTLE_MS = 10_000;
const IDLE_MS = 10_000;
const TICKS_A_SECOND = 100;

/** From `skiff up` to a cluster that works, what it uses when nothing happens, and how soon a load balancer answers. */
export const cluster: Benchmark = {
  name: 'a cluster of three nodes',
  async run() {
    await using under = new ClusterUnderTest();
    const { code, stdout, stderr } = await under.skiff('up', '--api-port', '0', '--sample');
    if (code !== 0) throw new Error(stderr);
    const seconds = (before: string): number => Number(new RegExp(`${before} ([\\d.]+) s`).exec(stdout)?.[1]);
    using client = under.client();
    const balancer = await timed(() => balance(client));
    const status = await askSupervisor(new DataFolder(under.dataDir).controlSocket, 'status');
    const all = descendants(status?.pid ?? 0);
    await delay(SETTLE_MS);
    const before = cpuSeconds(all);
    await delay(IDLE_MS);
    const cpu = ((cpuSeconds(all) - before) / IDLE_MS) * 1000 * 100;
    const parts = mebibytes(all.filter((pid) => commandLine(pid).endsWith('/main.ts')));
    const everything = mebibytes(all);
    const down = await timed(() => under.skiff('down'));
    return [
      { what: 'skiff up until three nodes are Ready', value: seconds('nodes Ready after'), unit: 's', target: 2 },
      { what: 'skiff up until DNS and an app answer', value: seconds('is up after'), unit: 's' },
      { what: 'a new load balancer until its first answer', value: balancer, unit: 'ms', target: 1000 },
      { what: 'memory of all parts, proportional', value: parts, unit: 'MiB', target: 400 },
      { what: 'memory with DNS and three Pods', value: everything, unit: 'MiB' },
      { what: 'processor when idle, of one core', value: cpu, unit: '%' },
      { what: 'skiff down', value: down / 1000, unit: 's' },
    ];
  },
};

/** What `kubectl expose --type=LoadBalancer` does, until the address answers. */
async function balance(client: Client): Promise<void> {
  const key = { namespace: 'default', name: 'balanced' };
  await client.resource('Service').create({
    metadata: key,
    spec: { type: 'LoadBalancer', selector: { app: 'my-app' }, ports: [{ port: 18_080, targetPort: 8080 }] },
  });
  await eventually(async () => {
    const { status } = await client.resource('Service').get(key);
    await greet(`http://${status?.loadBalancer?.ingress?.[0]?.ip}:18080`);
  });
}

/** Time of the processor that these have used, proc_pid_stat(5). */
function cpuSeconds(pids: readonly number[]): number {
  const ticks = pids.map((pid) => {
    const fields = read(pid, 'stat').split(') ')[1]?.split(' ') ?? [];
    return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  });
  return ticks.reduce((sum, one) => sum + one, 0) / TICKS_A_SECOND;
}

/** Proportional set size: pages that several share, as those of Node itself, count once. */
function mebibytes(pids: readonly number[]): number {
  const sizes = pids.map((pid) => Number(/^Pss: +(\d+)/m.exec(read(pid, 'smaps_rollup'))?.[1] ?? 0));
  return sizes.reduce((sum, one) => sum + one, 0) / 1024;
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(join('/proc', String(pid), file), 'utf8');
  } catch {
    return '';
  }
}
