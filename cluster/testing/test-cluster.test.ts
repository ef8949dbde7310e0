import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { ConnectionError } from '@skiff/client/connection-error';
import { eventually } from '@skiff/client/testing/eventually';
import { startCluster, type TestCluster } from '../testing.ts';
import { holdings } from './leftovers.ts';
import { deploymentOf } from './sample-objects.ts';

const run = promisify(execFile);
const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;
const web = { namespace: 'default', name: 'web' };

test('a cluster runs a Deployment on its simulated nodes, behind a Service with endpoints', async () => {
  await using cluster = await startCluster({ nodes: 2 });
  const { client } = cluster;
  await client.resource('Service').create({ metadata: web, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } });
  await client.resource('Deployment').create(deploymentOf('web', 4));
  await eventually(async () => {
    const { status } = await client.resource('Deployment').get(web);
    assert.equal(status?.availableReplicas, 4);
  });
  const { items: pods } = await client.resource('Pod').list();
  assert.deepEqual([...new Set(pods.map(({ spec }) => spec?.nodeName))].sort(), ['node1', 'node2']);
  assert.equal(new Set(pods.map(({ status }) => status?.podIP)).size, 4);
  await eventually(async () => {
    const { items } = await client.resource('EndpointSlice').list(web);
    const slice = items.find(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === 'web');
    assert.equal(slice?.endpoints?.filter(({ conditions }) => conditions?.ready).length, 4);
  });
});

test('every node is Ready when the cluster has started', async () => {
  await using cluster = await startCluster({ nodes: 3 });
  const { items } = await cluster.client.resource('Node').list();
  const ready = items.filter(({ status }) =>
    status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True'),
  );
  assert.deepEqual(
    ready.map(({ metadata }) => metadata.name),
    ['node1', 'node2', 'node3'],
  );
});

test('a cluster without controllers leaves objects as they were created', async () => {
  await using cluster = await startCluster({ nodes: 0, controllers: false });
  const created = await cluster.client.resource('Deployment').create(deploymentOf('web', 1));
  await cluster.client.resource('ConfigMap').create({ metadata: { namespace: 'default', name: 'later' } });
  const found = await cluster.client.resource('Deployment').get(web);
  assert.equal(found.metadata.resourceVersion, created.metadata.resourceVersion);
  assert.deepEqual((await cluster.client.resource('ReplicaSet').list()).items, []);
});

test('Pods can be created as soon as a cluster has started, with controllers and without', async () => {
  for (const controllers of [true, false]) {
    await using cluster = await startCluster({ nodes: 0, controllers });
    const spec = { containers: [{ name: 'main', image: 'main:1' }] };
    await cluster.client.resource('Pod').create({ metadata: { namespace: 'default', name: 'at-once' }, spec });
    assert.deepEqual(
      cluster.requests.all.map(({ method }) => method),
      ['POST'],
    );
  }
});

test('closing leaves no socket, timer, process or folder behind', async () => {
  await (await startCluster({ nodes: 1 })).close();
  const before = holdings();
  {
    await using cluster = await startCluster({ nodes: 2 });
    cluster.writeKubeconfig();
    await cluster.client.resource('Deployment').create(deploymentOf('web', 3));
    await eventually(async () => {
      assert.equal((await cluster.client.resource('Deployment').get(web)).status?.readyReplicas, 3);
    });
    assert.ok(holdings().sockets > before.sockets);
  }
  assert.deepEqual(holdings(), before);
});

test('closing in the middle of everything leaves nothing behind either, and may be repeated', async () => {
  const before = holdings();
  const cluster = await startCluster({ nodes: 2 });
  await cluster.client.resource('Deployment').create(deploymentOf('web', 20));
  await Promise.all([cluster.close(), cluster.close()]);
  await cluster.close();
  assert.deepEqual(holdings(), before);
});

test('closing is nobody’s failure: nothing is logged, and a watch of the test breaks off', async (t) => {
  const told: unknown[] = [];
  const tell = (...what: unknown[]): unknown => told.push(what);
  const ignore = (): void => undefined;
  const write = t.mock.method(process.stderr, 'write', () => true);
  for (const event of ['unhandledRejection', 'warning'] as const) {
    process.on(event, tell);
    t.after(() => process.off(event, tell));
  }
  const cluster = await startCluster({ nodes: 2, logger: { debug: ignore, info: ignore, warn: tell, error: tell } });
  await cluster.client.resource('Deployment').create(deploymentOf('web', 20));
  const watch = cluster.client.resource('Pod').watch({ resourceVersion: '0' });
  await watch.next();
  const over = assert.rejects(async () => {
    for await (const _event of watch);
  }, ConnectionError);
  await cluster.close();
  await over;
  assert.deepEqual([told, write.mock.calls.map((call) => call.arguments)], [[], []]);
});

test('fifty clusters live in one process at once and know nothing of each other', async () => {
  const clusters = await Promise.all(Array.from({ length: 50 }, () => startCluster()));
  try {
    await Promise.all(
      clusters.map(({ client }, index) =>
        client.resource('ConfigMap').create({ metadata: { namespace: 'default', name: `map-${index}` } }),
      ),
    );
    const found = await Promise.all(
      clusters.map(async ({ client }) => {
        const { items } = await client.resource('ConfigMap').list({ namespace: 'default' });
        return items.map(({ metadata }) => metadata.name).filter((name) => name.startsWith('map-'));
      }),
    );
    assert.deepEqual(
      found,
      clusters.map((_, index) => [`map-${index}`]),
    );
    assert.equal(new Set(clusters.map(({ url }) => url)).size, 50);
  } finally {
    await Promise.all(clusters.map((cluster) => cluster.close()));
  }
});

test('a kubeconfig is a text, or a private file that goes with the cluster', async () => {
  const cluster = await startCluster({ nodes: 0, controllers: false });
  const path = cluster.writeKubeconfig();
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.match(cluster.kubeconfig, new RegExp(`server: ${cluster.url}\n`));
  await cluster.close();
  assert.equal(existsSync(path), false);
});

test('kubectl works with the kubeconfig of a cluster', {
  skip: !hasKubectl && 'kubectl is not on the PATH',
}, async () => {
  await using cluster = await startCluster({ nodes: 1 });
  const kubectl = async (...args: string[]): Promise<string> =>
    (await run('kubectl', ['--kubeconfig', cluster.writeKubeconfig(), ...args])).stdout;
  await cluster.client.resource('Deployment').create(deploymentOf('web', 2));
  await kubectl('rollout', 'status', 'deployment/web', '--timeout=20s');
  assert.equal((await kubectl('get', 'pods', '-o', 'name')).trim().split('\n').length, 2);
  await kubectl('delete', 'deployment', 'web', '--wait');
});

test('a cluster starts from the snapshot of another, and each goes on by itself', async () => {
  await using first = await startCluster({ nodes: 1 });
  await first.client.resource('Deployment').create(deploymentOf('web', 2));
  const settled = await eventually(async () => {
    const found = await first.client.resource('Deployment').get(web);
    assert.equal(found.status?.availableReplicas, 2);
    return found;
  });
  await using second = await startCluster({ nodes: 1, from: await first.snapshot() });
  const found = await second.client.resource('Deployment').get(web);
  assert.equal(found.metadata.uid, settled.metadata.uid);
  await second.client.resource('Deployment').delete(web);
  await eventually(async () => assert.deepEqual((await second.client.resource('Pod').list()).items, []));
  assert.equal((await first.client.resource('Pod').list()).items.length, 2);
});

test('Pods of a snapshot go on as they were, and new ones come beside them', async () => {
  await using first = await startCluster({ nodes: 2 });
  first.pods.fail({ name: 'over' });
  await first.client.resource('Deployment').create(deploymentOf('web', 3));
  const spec = { restartPolicy: 'Never', containers: [{ name: 'main', image: 'main:1' }] };
  await first.client.resource('Pod').create({ metadata: { namespace: 'default', name: 'over' }, spec });
  const statuses = async ({ client }: TestCluster) => {
    const { items } = await client.resource('Pod').list();
    return new Map(items.map(({ metadata, status }) => [metadata.name, status]));
  };
  const settled = await eventually(async () => {
    const found = await statuses(first);
    const ready = [...found.values()].filter((status) => status?.containerStatuses?.[0]?.ready);
    const over = found.get('over');
    // The last that its node says of it, when it has taken its sandbox down.
    const sandbox = over?.conditions?.find(({ type }) => type === 'PodReadyToStartContainers');
    assert.deepEqual([ready.length, over?.phase, sandbox?.status], [3, 'Failed', 'False']);
    return found;
  });
  await using second = await startCluster({ nodes: 2, from: await first.snapshot() });
  await second.client.resource('Deployment').create(deploymentOf('more', 4));
  const found = await eventually(async () => {
    const { status } = await second.client.resource('Deployment').get({ namespace: 'default', name: 'more' });
    assert.equal(status?.availableReplicas, 4);
    return statuses(second);
  });
  for (const [name, status] of settled) assert.deepEqual(found.get(name), status);
  const addresses = [...found].filter(([name]) => name !== 'over').map(([, status]) => status?.podIP);
  assert.equal(new Set(addresses).size, 7);
});
