/** Clients that others wrote, against the test backend: @kubernetes/client-node and kubectl. */
import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { CoreV1Api, KubeConfig, makeInformer } from '@kubernetes/client-node';
import { eventually } from '@skiff/client/testing/eventually';
import { startCluster, type TestCluster } from '../testing.ts';
import { deploymentOf } from './sample-objects.ts';

const run = promisify(execFile);
const skip = spawnSync('kubectl', ['version', '--client']).status !== 0 && 'kubectl is not on the PATH';
const keyOf = (name: string) => ({ namespace: 'default', name });

function officialClient(cluster: TestCluster): { config: KubeConfig; core: CoreV1Api } {
  const config = new KubeConfig();
  config.loadFromString(cluster.kubeconfig);
  return { config, core: config.makeApiClient(CoreV1Api) };
}

test("the official client's informer follows the cluster, also when its watch is dropped or expires", async () => {
  await using cluster = await startCluster({ nodes: 0, controllers: false });
  const { config, core } = officialClient(cluster);
  const list = () => core.listNamespacedConfigMap({ namespace: 'default' });
  const informer = makeInformer(config, '/api/v1/namespaces/default/configmaps', list);
  let done = false;
  // It leaves it to its user to begin anew.
  informer.on('error', () => !done && setImmediate(() => void informer.start()));
  const names = (): string[] => informer.list().map(({ metadata }) => metadata?.name ?? '');
  const create = (name: string) =>
    core.createNamespacedConfigMap({ namespace: 'default', body: { metadata: { name } } });
  const watches = (count: number) =>
    eventually(() => assert.equal(cluster.requests.of({ verb: 'watch' }).length, count));
  try {
    await create('before');
    await informer.start();
    assert.deepEqual(names(), ['before']);
    await watches(1);
    await create('live');
    await eventually(() => assert.deepEqual(names(), ['before', 'live']));
    cluster.faults.dropWatches();
    await create('dropped');
    await eventually(() => assert.deepEqual(names().sort(), ['before', 'dropped', 'live']));
    await eventually(() => assert.equal(cluster.faults.expireWatches(), 1));
    await core.deleteNamespacedConfigMap({ namespace: 'default', name: 'live' });
    await eventually(() => assert.deepEqual(names().sort(), ['before', 'dropped']));
  } finally {
    done = true;
    await informer.stop();
  }
});

test('kubectl waits, watches, describes, reads logs and deletes', { skip }, async () => {
  await using cluster = await startCluster({ nodes: 2 });
  cluster.pods.print({ labels: { app: 'web' } }, ['hello']);
  const flags = ['--kubeconfig', cluster.writeKubeconfig()];
  const kubectl = async (...args: string[]): Promise<string> => (await run('kubectl', [...flags, ...args])).stdout;
  await cluster.client.resource('Deployment').create(deploymentOf('web', 2));
  await kubectl('wait', 'deployment/web', '--for=condition=Available', '--timeout=20s');
  assert.match(await kubectl('get', 'nodes'), /node1 +Ready .*\nnode2 +Ready /);
  assert.match(await kubectl('describe', 'deployment', 'web'), /2 desired \| 2 updated \| 2 total \| 2 available/);
  assert.equal(await kubectl('logs', 'deployment/web', '--tail=1'), 'hello\n');
  await kubectl('scale', 'deployment/web', '--replicas=1');
  await kubectl('wait', 'deployment/web', '--for=jsonpath={.status.replicas}=1', '--timeout=20s');
  await kubectl('delete', 'deployment', 'web', '--cascade=foreground', '--timeout=20s');
  assert.equal(await kubectl('get', 'pods,deployments', '-o', 'name'), '');
});

test('kubectl get --watch shows a Pod fail when the test says so', { skip }, async () => {
  await using cluster = await startCluster({ nodes: 1 });
  const spec = { restartPolicy: 'Never', containers: [{ name: 'main', image: 'registry.example/main:1' }] };
  await cluster.client.resource('Pod').create({ metadata: keyOf('one'), spec });
  // All Pods: of a single one kubectl does not show what the watch begins with, though it may have changed since kubectl read it.
  const args = ['--kubeconfig', cluster.writeKubeconfig(), 'get', 'pods', '--watch', '--no-headers'];
  const child = spawn('kubectl', args);
  const exited = once(child, 'exit');
  try {
    for await (const line of createInterface(child.stdout)) {
      const [, ready, status] = line.split(/ +/);
      if (ready === '1/1') cluster.pods.exit({ name: 'one' }, { exitCode: 3 });
      if (status === 'Error') break;
    }
  } finally {
    child.kill();
    await exited;
  }
});
