import assert from 'node:assert/strict';
import { it } from 'node:test';
import { keyOf } from '@skiff/api/meta';
import type { Job, Pod } from '@skiff/api/types';
import { eventually } from '@skiff/client/testing/eventually';
import { JobController } from '@skiff/controllers/job/controller';
import { ControlPlane } from './control-plane.ts';

type Spec = NonNullable<Job['spec']>;
const key = { namespace: 'default', name: 'work' };
const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'img' }] } };

const start = (plane: ControlPlane, spec: Partial<Spec> = {}): Promise<Job> =>
  plane.client.resource('Job').create({ metadata: key, spec: { template, ...spec } });
const podsOf = async (plane: ControlPlane): Promise<readonly Pod[]> =>
  (await plane.client.resource('Pod').list({ namespace: 'default' })).items;
const unfinished = async (plane: ControlPlane): Promise<Pod[]> =>
  (await podsOf(plane)).filter(({ metadata, status }) => status?.phase === 'Pending' && !metadata.deletionTimestamp);

/** What a node's agent says of a Pod that has ended, long ago so that nobody waits before trying again. */
async function end(plane: ControlPlane, pod: Pod, phase: 'Succeeded' | 'Failed', exitCode = 1): Promise<void> {
  const finishedAt = '2026-01-01T00:00:00Z';
  const terminated = { exitCode: phase === 'Failed' ? exitCode : 0, finishedAt };
  const containerStatuses = [
    { name: 'c', image: 'img', imageID: '', ready: false, restartCount: 0, state: { terminated } },
  ];
  await plane.client
    .resource('Pod')
    .patch(keyOf(pod), { status: { phase, containerStatuses } }, { subresource: 'status' });
}
const waitForPods = (plane: ControlPlane, count: number): Promise<Pod[]> =>
  eventually(async () => {
    const pods = await unfinished(plane);
    assert.equal(pods.length, count);
    return pods;
  });
const conditions = ({ status }: Job): string[] =>
  (status?.conditions ?? []).map(({ type, status: value, reason }) => `${type}=${value} ${reason}`);
const over = (plane: ControlPlane, expected: string[]): Promise<Job> =>
  eventually(async () => {
    const job = await plane.client.resource('Job').get(key);
    assert.deepEqual(conditions(job), expected);
    return job;
  });

it('a Job runs as many Pods as it needs, as many at once as it may, and is complete', async () => {
  await using plane = await ControlPlane.start(JobController);
  await start(plane, { completions: 3, parallelism: 2 });
  const [first, second] = await waitForPods(plane, 2);
  assert.ok(first && second);
  assert.deepEqual(first.metadata.finalizers, ['batch.kubernetes.io/job-tracking']);
  assert.equal(first.metadata.labels?.['job-name'], 'work');
  await end(plane, first, 'Succeeded');
  await end(plane, second, 'Succeeded');
  const [third] = await waitForPods(plane, 1);
  assert.ok(third);
  await end(plane, third, 'Succeeded');
  const { status } = await over(plane, [
    'SuccessCriteriaMet=True CompletionsReached',
    'Complete=True CompletionsReached',
  ]);
  assert.equal(status?.succeeded, 3);
  assert.ok(status?.completionTime && status.startTime);
  assert.deepEqual(status?.uncountedTerminatedPods, {});
  for (const pod of await podsOf(plane)) assert.equal(pod.metadata.finalizers, undefined);
});

it('a Job fails when its Pods have failed too often', async () => {
  await using plane = await ControlPlane.start(JobController);
  await start(plane, { backoffLimit: 1 });
  for (let attempt = 0; attempt < 2; attempt++) {
    const [pod] = await waitForPods(plane, 1);
    assert.ok(pod);
    await end(plane, pod, 'Failed');
  }
  const { status } = await over(plane, ['FailureTarget=True BackoffLimitExceeded', 'Failed=True BackoffLimitExceeded']);
  assert.equal(status?.failed, 2);
});

it('an Indexed Job completes each index once', async () => {
  await using plane = await ControlPlane.start(JobController);
  await start(plane, { completions: 2, parallelism: 2, completionMode: 'Indexed' });
  const pods = await waitForPods(plane, 2);
  const indexes = pods.map(({ metadata }) => metadata.annotations?.['batch.kubernetes.io/job-completion-index']);
  assert.deepEqual(indexes.sort(), ['0', '1']);
  assert.equal(
    pods.find(({ spec }) => spec?.hostname === 'work-1')?.spec?.containers[0]?.env?.[0]?.name,
    'JOB_COMPLETION_INDEX',
  );
  for (const pod of pods) await end(plane, pod, 'Succeeded');
  const { status } = await over(plane, [
    'SuccessCriteriaMet=True CompletionsReached',
    'Complete=True CompletionsReached',
  ]);
  assert.equal(status?.completedIndexes, '0,1');
  assert.equal(status?.succeeded, 2);
});

it('a rule of the failure policy ends a Job at once, or forgives a failure', async () => {
  await using plane = await ControlPlane.start(JobController);
  const rules = [
    { action: 'Ignore', onExitCodes: { operator: 'In', values: [7] } },
    { action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } },
  ];
  await start(plane, { podFailurePolicy: { rules }, backoffLimit: 0 });
  const [forgiven] = await waitForPods(plane, 1);
  assert.ok(forgiven);
  await end(plane, forgiven, 'Failed', 7);
  const [fatal] = await waitForPods(plane, 1);
  assert.ok(fatal);
  await end(plane, fatal, 'Failed', 42);
  const { status } = await over(plane, ['FailureTarget=True PodFailurePolicy', 'Failed=True PodFailurePolicy']);
  assert.equal(status?.failed, 1);
});

it('a suspended Job has no Pods until it is resumed', async () => {
  await using plane = await ControlPlane.start(JobController);
  await start(plane, { suspend: true });
  await over(plane, ['Suspended=True JobSuspended']);
  assert.deepEqual(await podsOf(plane), []);
  await plane.client.resource('Job').patch(key, { spec: { suspend: false } });
  await waitForPods(plane, 1);
  const { status } = await over(plane, ['Suspended=False JobResumed']);
  assert.equal(status?.active, 1);
});

it('a Job is deleted when its time after the end has passed, and its Pods are let go', async () => {
  await using plane = await ControlPlane.start(JobController);
  await start(plane, { ttlSecondsAfterFinished: 0 });
  const [pod] = await waitForPods(plane, 1);
  assert.ok(pod);
  await end(plane, pod, 'Succeeded');
  await eventually(async () => {
    const { items } = await plane.client.resource('Job').list({ namespace: 'default' });
    assert.ok(items.every(({ metadata }) => metadata.deletionTimestamp));
  });
  await eventually(async () => {
    for (const { metadata } of await podsOf(plane)) assert.equal(metadata.finalizers, undefined);
  });
});

it('the Pods of a Job that is gone are let go', async () => {
  await using plane = await ControlPlane.start(JobController);
  await start(plane);
  await waitForPods(plane, 1);
  await plane.client.resource('Job').delete(key, { propagationPolicy: 'Background' });
  await eventually(async () => {
    for (const { metadata } of await podsOf(plane)) assert.equal(metadata.finalizers, undefined);
  });
});
