import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '@skiff/api/types';
import type { Client } from '@skiff/client/client';
import { eventually } from '@skiff/client/testing/eventually';
import { startCluster } from '../testing.ts';
import { deploymentOf } from './sample-objects.ts';

const key = { namespace: 'default', name: 'one' };
const podOf = (restartPolicy: 'Always' | 'Never') => ({
  metadata: { ...key, labels: { app: 'one' } },
  spec: { restartPolicy, containers: [{ name: 'main', image: 'registry.example/main:1' }] },
});

const podThat = (client: Client, check: (pod: Pod) => void): Promise<Pod> =>
  eventually(async () => {
    const pod = await client.resource('Pod').get(key);
    check(pod);
    return pod;
  });

const isReady = ({ status }: Pod): boolean =>
  status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;

test('a Pod is Running and ready at once, also with probes that nothing would answer', async () => {
  await using cluster = await startCluster();
  const probe = { httpGet: { port: 8080, path: '/healthz' }, initialDelaySeconds: 60 };
  const container = { name: 'main', image: 'x', readinessProbe: probe, livenessProbe: probe };
  await cluster.client.resource('Pod').create({ metadata: key, spec: { containers: [container] } });
  const pod = await podThat(cluster.client, (found) => assert.ok(isReady(found)));
  assert.equal(pod.status?.phase, 'Running');
});

test('a Pod is kept pending until that is taken back', async () => {
  await using cluster = await startCluster();
  const release = cluster.pods.keepPending({ labels: { app: 'one' } }, { message: 'no room' });
  await cluster.client.resource('Pod').create(podOf('Always'));
  await podThat(cluster.client, ({ spec, status }) => {
    assert.equal(spec?.nodeName, 'node1');
    assert.equal(status?.containerStatuses?.[0]?.state?.waiting?.reason, 'ContainerCreating');
  });
  release();
  await podThat(cluster.client, (pod) => assert.equal(pod.status?.phase, 'Running'));
});

test('a Pod that is kept pending can be deleted', async () => {
  await using cluster = await startCluster();
  cluster.pods.keepPending({});
  await cluster.client.resource('Pod').create(podOf('Always'));
  await podThat(cluster.client, ({ status }) => assert.ok(status?.containerStatuses));
  await cluster.client.resource('Pod').delete(key, { gracePeriodSeconds: 1 });
  await eventually(() => assert.rejects(cluster.client.resource('Pod').get(key), { reason: 'NotFound' }));
});

test('a running Pod turns unready, and ready again', async () => {
  await using cluster = await startCluster();
  await cluster.client.resource('Pod').create(podOf('Always'));
  await podThat(cluster.client, (pod) => assert.ok(isReady(pod)));
  const undo = cluster.pods.keepUnready({ name: 'one' });
  await podThat(cluster.client, (pod) => assert.ok(!isReady(pod)));
  undo();
  await podThat(cluster.client, (pod) => assert.ok(isReady(pod)));
});

test('a Pod that is not to be restarted fails with the exit code that the test chose', async () => {
  await using cluster = await startCluster();
  cluster.pods.fail({ name: 'one' }, { exitCode: 7 });
  await cluster.client.resource('Pod').create(podOf('Never'));
  const { status } = await podThat(cluster.client, (pod) => assert.equal(pod.status?.phase, 'Failed'));
  assert.equal(status?.containerStatuses?.[0]?.state?.terminated?.exitCode, 7);
});

test('a container that always fails ends up in CrashLoopBackOff', async () => {
  await using cluster = await startCluster();
  await cluster.client.resource('Pod').create(podOf('Always'));
  await podThat(cluster.client, (pod) => assert.ok(isReady(pod)));
  cluster.pods.fail({ name: 'one' });
  await podThat(cluster.client, ({ status }) => {
    assert.equal(status?.containerStatuses?.[0]?.state?.waiting?.reason, 'CrashLoopBackOff');
  });
});

test('a container that exits once is started again', async () => {
  await using cluster = await startCluster();
  await cluster.client.resource('Pod').create(podOf('Always'));
  await podThat(cluster.client, (pod) => assert.ok(isReady(pod)));
  cluster.pods.exit({ name: 'one' });
  await podThat(cluster.client, (pod) => {
    assert.equal(pod.status?.containerStatuses?.[0]?.restartCount, 1);
    assert.ok(isReady(pod));
  });
});

test('a container that can not be started says so', async () => {
  await using cluster = await startCluster();
  cluster.pods.refuseStart({ container: 'main' }, { message: 'exec format error' });
  await cluster.client.resource('Pod').create(podOf('Always'));
  await podThat(cluster.client, ({ status }) => {
    const reason = status?.containerStatuses?.[0]?.state?.waiting?.reason ?? '';
    assert.match(reason, /^(RunContainerError|CrashLoopBackOff)$/);
  });
  await eventually(async () => {
    const { items } = await cluster.client.resource('Event').list({ fieldSelector: 'reason=Failed' });
    assert.ok(items.some(({ message }) => message === 'Error: exec format error'));
  });
});

test('what a container prints is in its log', async () => {
  await using cluster = await startCluster();
  cluster.pods.print({ name: 'one' }, ['hello', 'world']);
  await cluster.client.resource('Pod').create(podOf('Always'));
  await podThat(cluster.client, (pod) => assert.ok(isReady(pod)));
  const response = await cluster.client.stream({ method: 'GET', path: '/api/v1/namespaces/default/pods/one/log' });
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  assert.equal(text, 'hello\nworld\n');
});

test('rules are for the Pods that match, and the newest wins', async () => {
  await using cluster = await startCluster({ nodes: 2 });
  const { client, pods } = cluster;
  pods.keepUnready({ namespace: 'default' });
  await client.resource('Deployment').create(deploymentOf('web', 2));
  await client.resource('Deployment').create(deploymentOf('db', 2));
  const ready = async (name: string): Promise<number> =>
    (await client.resource('Deployment').get({ namespace: 'default', name })).status?.readyReplicas ?? 0;
  await eventually(async () => {
    const { items } = await client.resource('Pod').list();
    assert.equal(items.filter(({ status }) => status?.phase === 'Running').length, 4);
  });
  assert.deepEqual([await ready('web'), await ready('db')], [0, 0]);
  pods.keepUnready({ labels: { app: 'nobody' } });
});

test('a node that stops is found NotReady after its grace, and comes back', async () => {
  await using cluster = await startCluster({ nodes: 1, nodeGraceMs: 200 });
  const node = cluster.nodes.get('node1');
  assert.ok(node);
  const readiness = (expected: string) =>
    eventually(async () => {
      const { status } = await cluster.client.resource('Node').get({ name: 'node1' });
      assert.equal(status?.conditions?.find(({ type }) => type === 'Ready')?.status, expected);
    });
  await node.stop();
  await readiness('Unknown');
  await node.start();
  await readiness('True');
});
