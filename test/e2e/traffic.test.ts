import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Client } from '@skiff/client/client';
import { eventually } from '@skiff/client/testing/eventually';
import { untilAvailable } from '@skiff/cluster/supervisor/apply-manifest';
import { ClusterUnderTest, type Surroundings } from './cluster-under-test.ts';
import { untilNodesFollow } from './data-plane.ts';
import { type Greeting, greet, seen } from './requests.ts';

const url = 'http://127.0.0.1:30070';
const labels = { app: 'stream' };
const namespace = 'default';
const container = (image: string) => ({
  name: 'web',
  image,
  readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
});

const places: Readonly<Record<string, Surroundings>> = {
  'by nftables': { user: 'self' },
  'in user space': { user: 'self', without: ['nft'] },
  'on the network of the host': { user: 'self', contained: true },
};

for (const [name, surroundings] of Object.entries(places)) {
  suite(`a stream of requests, a connection each, ${name}`, () => {
    let cluster: ClusterUnderTest;
    let client: Client;
    const deployment = () => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { namespace, name: 'stream' },
      spec: {
        replicas: 3,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container('my-app-image')] } },
      },
    });

    before(async () => {
      cluster = await ClusterUnderTest.up(surroundings);
      client = cluster.client();
      await client.resource('Deployment').create(deployment());
      await client.resource('Service').create({
        metadata: { namespace, name: 'stream' },
        spec: { type: 'NodePort', selector: labels, ports: [{ port: 80, targetPort: 8080, nodePort: 30_070 }] },
      });
      await untilAvailable(client, [deployment()]);
      await eventually(() => greet(url));
    });

    after(async () => {
      client.close();
      await cluster[Symbol.asyncDispose]();
    });

    test('loses none while a Pod is deleted and replaced, and reaches it no more', async () => {
      const { pod } = await greet(url);
      const { answers, failures } = await streaming(async () => {
        await client.resource('Pod').delete({ namespace, name: pod });
        await eventually(() => gone(pod), { withinMs: 20_000 });
        await untilAvailable(client, [deployment()]);
      });
      assert.deepEqual(failures, []);
      assert.ok(answers.length > 0);
      await untilNodesFollow(client, { namespace, name: 'stream' });
      assert.ok(!(await seen(url, 'pod', 40)).includes(pod));
    });

    test('loses none while all Pods are replaced by a rolling update', async () => {
      const key = { namespace, name: 'stream' };
      const { answers, failures } = await streaming(async () => {
        const spec = { template: { spec: { containers: [container('my-app-image:v2')] } } };
        await client.resource('Deployment').patch(key, { spec });
        await untilAvailable(client, [deployment()]);
        await eventually(
          async () => {
            const { status } = await client.resource('Deployment').get(key);
            assert.equal(status?.updatedReplicas, 3);
            assert.equal(status?.replicas, 3);
          },
          { withinMs: 30_000 },
        );
      });
      assert.deepEqual(failures, []);
      assert.ok(new Set(answers.map(({ pod }) => pod)).size >= 4, 'old and new Pods answered');
    });

    test('reaches no Pod that is not Ready', async () => {
      const spec = {
        containers: [{ ...container('my-app-image'), readinessProbe: { tcpSocket: { port: 9 }, periodSeconds: 1 } }],
      };
      await client.resource('Pod').create({ metadata: { namespace, name: 'unready', labels }, spec });
      await eventually(async () => {
        const { status } = await client.resource('Pod').get({ namespace, name: 'unready' });
        assert.equal(status?.phase, 'Running');
      });
      const pods = await seen(url, 'pod', 60);
      assert.ok(!pods.includes('unready'));
      assert.equal(pods.length, 3);
    });

    /** The Pod is in no slice any more, as far as traffic goes. */
    async function gone(pod: string): Promise<void> {
      const { items } = await client.resource('EndpointSlice').list({ namespace });
      const endpoints = items.flatMap((slice) => slice.endpoints ?? []);
      assert.equal(endpoints.find(({ targetRef }) => targetRef?.name === pod)?.conditions?.ready ?? false, false);
    }
  });
}

/** Asks on and on, four at a time, while something happens. */
async function streaming(during: () => Promise<void>): Promise<{ answers: Greeting[]; failures: string[] }> {
  const answers: Greeting[] = [];
  const failures: string[] = [];
  let over = false;
  const askers = [0, 1, 2, 3].map(async () => {
    while (!over)
      await greet(url).then(
        (answer) => answers.push(answer),
        (error) => failures.push(String(error)),
      );
  });
  try {
    await during();
  } finally {
    over = true;
    await Promise.all(askers);
  }
  return { answers, failures };
}
