import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Node, Pod, Service } from '@skiff/api/types';
import { Client } from '@skiff/client/client';
import { eventually } from '@skiff/client/testing/eventually';
import { deploymentOf } from '../controllers/control-plane.ts';
import { ClusterUnderTest } from '../e2e/cluster-under-test.ts';
import { Callers } from '../services/callers.ts';

/** The lease of a node lasts 40 seconds. */
const lease = { withinMs: 60_000 };

suite('the nodes of a cluster', () => {
  let cluster: ClusterUnderTest;
  let client: Client;

  before(async () => {
    cluster = await ClusterUnderTest.up({ user: 'ordinary' }, '--nodes', '2');
    client = new Client({ server: `unix:${cluster.apiSocket}` });
  });
  after(async () => {
    client?.close();
    await cluster?.[Symbol.asyncDispose]();
  });

  test('one is added while the cluster runs', async () => {
    const outcome = await cluster.skiff('node', 'add');
    assert.deepEqual([outcome.stdout, outcome.code], ['node "node3" is added and Ready\n', 0]);
    assert.deepEqual(await readiness(), { node1: 'True', node2: 'True', node3: 'True' });
  });

  test('one that loses its power is found out: its endpoints leave, its Pods move; and it comes back', async () => {
    const pods = await deploy();
    const lost = pods.find(({ spec }) => spec?.nodeName === 'node2');
    assert.ok(lost, 'a Pod runs on node2');
    const url = await balancer('app', 8010);
    const local = await balancer('app-local', 8011, { externalTrafficPolicy: 'Local' });
    const callers = await Callers.of(cluster);
    for (const place of [url, local])
      await eventually(async () => assert.equal((await callers.pods('host', place)).length, 3));

    assert.equal((await cluster.skiff('node', 'stop', 'node2')).code, 0);
    const others = pods.filter((pod) => pod !== lost).map(({ metadata }) => metadata.name);
    assert.deepEqual(await callers.pods('host', local), others.sort(), 'a load balancer sends nothing there');
    assert.match((await cluster.skiff('node', 'ls')).stdout, /^node2 +stopped /m);
    assert.equal(await callers.get('lan', 'http://172.18.0.3:10250'), 'timeout', 'it is off the network');
    await eventually(async () => assert.equal((await readiness())['node2'], 'Unknown'), lease);
    await eventually(async () => {
      const { items } = await client.resource('EndpointSlice').list({ namespace: 'default' });
      const endpoints = items.flatMap(({ endpoints }) => endpoints ?? []);
      const stale = endpoints.filter(({ nodeName, conditions }) => nodeName === 'node2' && conditions?.ready);
      assert.deepEqual(stale, []);
    });
    // Its Pods tolerate that for a second, and another one is made elsewhere.
    await eventually(async () => assert.equal((await callers.pods('host', url)).length, 3), { withinMs: 20_000 });

    assert.equal((await cluster.skiff('node', 'start', 'node2')).stdout, 'node "node2" is started and Ready\n');
    await eventually(async () => assert.equal((await readiness())['node2'], 'True'));
    await eventually(
      async () => {
        const left = await client.resource('Pod').list({ namespace: 'default' });
        assert.ok(!left.items.some(({ metadata }) => metadata.uid === lost.metadata.uid), 'the moved Pod is forgotten');
      },
      { withinMs: 20_000 },
    );
    await eventually(
      async () => {
        const { items } = await client.resource('Pod').list({ namespace: 'kube-system' });
        assert.deepEqual(
          items.filter((pod) => !isReady(pod)).map(({ metadata }) => metadata.name),
          [],
        );
      },
      { withinMs: 20_000 },
    );
  });

  test('orders that make no sense are refused with what there is', async () => {
    const cases: [string[], RegExp][] = [
      [['stop', 'node9'], /there is no node "node9"; there are node1, node2, node3/],
      [['start', 'node1'], /node "node1" runs already/],
      [['rename', 'node1'], /it takes: ls, add, stop NODE or start NODE/],
    ];
    for (const [operands, message] of cases) {
      const { code, stderr } = await cluster.skiff('node', ...operands);
      assert.match(stderr, message);
      assert.equal(code, 1);
    }
  });

  test('are as many after down and up', async () => {
    await cluster.skiff('down');
    assert.equal((await cluster.skiff('up', '--api-port', '0')).code, 0);
    assert.match((await cluster.skiff('node', 'ls')).stdout, /^node3 +running /m);
    await eventually(async () => assert.deepEqual(await readiness(), { node1: 'True', node2: 'True', node3: 'True' }));
  });

  test('are fewer where that is asked for: the others are gone, and what ran on them runs elsewhere', async () => {
    await cluster.skiff('down');
    const outcome = await cluster.skiff('up', '--api-port', '0', '--nodes', '1');
    assert.match(outcome.stdout, /^no longer there, with what ran on them: node2, node3$/m);
    assert.deepEqual(await readiness(), { node1: 'True' });
    assert.equal((await cluster.skiff('node', 'ls')).stdout.match(/^node\d/gm)?.length, 1);
    await eventually(
      async () => {
        const { items } = await client.resource('Pod').list();
        assert.deepEqual(new Set(items.map(({ spec }) => spec?.nodeName)), new Set(['node1']));
        const ready = items.filter(isReady).map(({ metadata }) => metadata.namespace);
        assert.equal(ready.filter((namespace) => namespace === 'default').length, 3);
        assert.equal(ready.length, items.length);
      },
      { withinMs: 20_000 },
    );
    await cluster.skiff('down');
    assert.doesNotMatch((await cluster.skiff('up', '--api-port', '0', '--nodes', '2')).stdout, /no longer there/);
    assert.deepEqual(await readiness(), { node1: 'True', node2: 'True' });
  });

  async function readiness(): Promise<Record<string, string | undefined>> {
    const { items } = await client.resource('Node').list();
    const ready = ({ status }: Node) => status?.conditions?.find(({ type }) => type === 'Ready')?.status;
    return Object.fromEntries(items.map((node) => [node.metadata.name, ready(node)]));
  }

  async function deploy(): Promise<Pod[]> {
    const wanted = deploymentOf('app', 3, 'my-app-image');
    const spec = wanted.spec?.template.spec;
    if (spec)
      spec.tolerations = ['unreachable', 'not-ready'].map((reason) => ({
        key: `node.kubernetes.io/${reason}`,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 1,
      }));
    await client.resource('Deployment').create(wanted);
    return eventually(
      async () => {
        const { items } = await client.resource('Pod').list({ namespace: 'default' });
        assert.equal(items.filter(isReady).length, 3);
        return items;
      },
      { withinMs: 20_000 },
    );
  }

  async function balancer(name: string, port: number, more: Service['spec'] = {}): Promise<string> {
    const metadata = { name, namespace: 'default' };
    const ports = [{ port, targetPort: 8080 }];
    const spec = { type: 'LoadBalancer', selector: { app: 'app' }, ports, ...more };
    await client.resource('Service').create({ metadata, spec });
    return eventually(async () => {
      const { status } = await client.resource('Service').get(metadata);
      assert.ok(status?.loadBalancer?.ingress?.[0]?.ip);
      return `http://${status.loadBalancer.ingress[0].ip}:${port}`;
    });
  }
});

function isReady({ status }: Pod): boolean {
  return status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false;
}
