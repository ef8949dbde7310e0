import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@skiff/client/testing/eventually';
import { startCluster, TestClock } from '../testing.ts';
import { deploymentOf } from './sample-objects.ts';

const at = '2030-01-02T03:04:05Z';
const HOUR = 3_600_000;

test('a fixed clock shows what it was set to, and moves when it is told', () => {
  const clock = new TestClock({ at, fixed: true });
  assert.equal(clock.now(), Date.parse(at));
  clock.advance(1500);
  assert.equal(clock.now(), Date.parse(at) + 1500);
});

test('what waits happens when the clock is moved past it, in order, and what was called off does not', () => {
  const clock = new TestClock();
  const seen: string[] = [];
  clock.after(2 * HOUR, () => seen.push('second'));
  clock.after(HOUR, () => seen.push('first'));
  clock.after(HOUR, () => seen.push('called off'))();
  const cancelLast = clock.after(4 * HOUR, () => seen.push('last'));
  clock.advance(HOUR / 2);
  assert.deepEqual(seen, []);
  clock.advance(2 * HOUR);
  assert.deepEqual(seen, ['first', 'second']);
  cancelLast();
});

test('what waits happens in real time too, also where the clock stands still', async () => {
  const clock = new TestClock({ at, fixed: true });
  let rang = false;
  clock.after(5, () => {
    rang = true;
  });
  await eventually(() => assert.ok(rang));
});

test('a clock is not set to what is no date', () => {
  assert.throws(() => new TestClock({ at: 'tomorrow' }), /"tomorrow" is no date/);
});

test('all times of a cluster are those of its clock', async () => {
  const clock = new TestClock({ at, fixed: true });
  await using cluster = await startCluster({ clock });
  const { client } = cluster;
  await client.resource('Deployment').create(deploymentOf('web', 1));
  const deployment = await eventually(async () => {
    const found = await client.resource('Deployment').get({ namespace: 'default', name: 'web' });
    assert.equal(found.status?.availableReplicas, 1);
    return found;
  });
  const [pod] = (await client.resource('Pod').list()).items;
  const [event] = (await client.resource('Event').list()).items;
  assert.deepEqual(
    [
      deployment.metadata.creationTimestamp,
      deployment.status?.conditions?.[0]?.lastUpdateTime,
      deployment.metadata.managedFields?.[0]?.time,
      pod?.status?.startTime,
      pod?.status?.containerStatuses?.[0]?.state?.running?.startedAt,
      event?.firstTimestamp,
    ],
    Array.from({ length: 6 }, () => at),
  );
});

test('a rollout that makes no progress misses its deadline when the clock is moved past it', async () => {
  const clock = new TestClock();
  await using cluster = await startCluster({ clock });
  const { client, pods } = cluster;
  pods.keepUnready({});
  const { spec, metadata } = deploymentOf('web', 1);
  const selector = spec?.selector ?? {};
  const template = spec?.template ?? {};
  await client.resource('Deployment').create({ metadata, spec: { selector, template, progressDeadlineSeconds: 600 } });
  const progressing = async () => {
    const { status } = await client.resource('Deployment').get({ namespace: 'default', name: 'web' });
    return status?.conditions?.find(({ type }) => type === 'Progressing');
  };
  await eventually(async () => {
    assert.equal((await client.resource('Pod').list()).items[0]?.status?.phase, 'Running');
    assert.equal((await progressing())?.status, 'True');
  });
  await eventually(async () => {
    clock.advance(HOUR);
    assert.equal((await progressing())?.reason, 'ProgressDeadlineExceeded');
  });
});

test('a node that is silent for longer than its grace is found out at once', async () => {
  const clock = new TestClock();
  await using cluster = await startCluster({ clock });
  await cluster.nodes.get('node1')?.stop();
  await eventually(async () => {
    // The controller may hear only now of the last sign of life.
    clock.advance(60_000);
    const { status } = await cluster.client.resource('Node').get({ name: 'node1' });
    assert.equal(status?.conditions?.find(({ type }) => type === 'Ready')?.status, 'Unknown');
  });
});
