import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Pod } from '@skiff/api/types';
import type { Client } from '@skiff/client/client';
import { Informer } from '@skiff/client/informer';
import { eventually } from '@skiff/client/testing/eventually';
import { ClusterUnderTest } from '../e2e/cluster-under-test.ts';
import { greet } from '../e2e/requests.ts';
import { type Benchmark, percentile, timed } from './benchmark.ts';

const namespace = 'default';
const image = 'my-app-image';
const STEADY = { pods: 50, everyMs: 200 } as const;
const MANY = 300;
const DELETIONS = 10;
const NODE_PORT = 31_991;

/** How soon Pods are ready, how soon one that is deleted is left alone, and whether many run at once. */
export const pods: Benchmark = {
  name: 'Pods on three nodes',
  async run() {
    await using under = new ClusterUnderTest();
    const { code, stderr } = await under.skiff('up', '--api-port', '0');
    if (code !== 0) throw new Error(stderr);
    using client = under.client();
    const steady = percentile(await steadily(client), 0.99);
    const after = await deletions(client);
    const many = await timed(() => scale(client, 'many', MANY));
    return [
      { what: 'created to Ready at 5 Pods a second, p99', value: steady, unit: 'ms', target: 500 },
      { what: 'last connection to a Pod after its deletion', value: after, unit: 'ms', target: 50 },
      { what: `${MANY} Pods until all are Ready`, value: many / 1000, unit: 's' },
    ];
  },
};

/** Creates one Pod after the other, whatever becomes of them. Resolves with how long each took from the answer to be Ready. */
async function steadily(client: Client): Promise<number[]> {
  const ended = new AbortController();
  const informer = new Informer<Pod>(client.resource('Pod'), { labelSelector: 'bench=steady' });
  const ready = new Map<string, number>();
  const complete = new EventTarget();
  informer.onChange(({ object: { metadata, status } }) => {
    const isReady = status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true;
    if (!isReady || ready.has(metadata.name)) return;
    ready.set(metadata.name, performance.now());
    if (ready.size === STEADY.pods) complete.dispatchEvent(new Event('all'));
  });
  informer.start({ signal: ended.signal });
  await informer.synced();
  const all = once(complete, 'all');
  const created = new Map<string, number>();
  for (let index = 0; index < STEADY.pods; index += 1) {
    const metadata = { name: `steady-${index}`, namespace, labels: { bench: 'steady' } };
    await client.resource('Pod').create({ metadata, spec: { containers: [{ name: 'app', image }] } });
    created.set(metadata.name, performance.now());
    await delay(STEADY.everyMs);
  }
  await all;
  ended.abort();
  await client.resource('Pod').deleteCollection({ namespace, labelSelector: 'bench=steady' });
  return [...created].map(([name, at]) => (ready.get(name) ?? Number.NaN) - at);
}

/** Deletes Pods of a Service that is asked on and on. Resolves with the latest beginning of a connection to a deleted one, in ms after the answer. */
async function deletions(client: Client): Promise<number> {
  await client.resource('Service').create({
    metadata: { name: 'few', namespace },
    spec: { type: 'NodePort', selector: { app: 'few' }, ports: [{ port: 80, targetPort: 8080, nodePort: NODE_PORT }] },
  });
  await scale(client, 'few', 3);
  const url = `http://127.0.0.1:${NODE_PORT}`;
  await eventually(() => greet(url));
  const lastCalls = new Map<string, number>();
  let over = false;
  const asker = async (): Promise<void> => {
    while (!over) {
      const began = performance.now();
      const { pod } = await greet(url);
      lastCalls.set(pod, Math.max(began, lastCalls.get(pod) ?? 0));
    }
  };
  const askers = [asker(), asker()];
  const late: number[] = [];
  for (let time = 0; time < DELETIONS; time += 1) {
    const { pod } = await greet(url);
    await client.resource('Pod').delete({ namespace, name: pod });
    const answered = performance.now();
    await eventually(async () => assert.equal(await exists(client, pod), false));
    late.push((lastCalls.get(pod) ?? 0) - answered);
    await scale(client, 'few', 3);
  }
  over = true;
  await Promise.all(askers);
  return Math.max(0, ...late);
}

async function exists(client: Client, name: string): Promise<boolean> {
  const { items } = await client.resource('Pod').list({ namespace, fieldSelector: `metadata.name=${name}` });
  return items.length > 0;
}

/** Resolves when a Deployment, made where there is none, has so many Pods that are Ready. */
async function scale(client: Client, name: string, replicas: number): Promise<void> {
  const labels = { app: name };
  // Without a probe, a Pod is called before its program listens.
  const readinessProbe = { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'app', image, readinessProbe }] } };
  const { items } = await client.resource('Deployment').list({ namespace, fieldSelector: `metadata.name=${name}` });
  if (items.length === 0)
    await client.resource('Deployment').create({
      metadata: { name, namespace },
      spec: { replicas, selector: { matchLabels: labels }, template },
    });
  await eventually(
    async () => {
      const { status } = await client.resource('Deployment').get({ namespace, name });
      assert.equal(status?.readyReplicas, replicas);
      assert.equal(status.replicas, replicas);
    },
    { withinMs: 300_000 },
  );
}
