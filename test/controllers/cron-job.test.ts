import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { CronJob, Job } from '@skiff/api/types';
import { eventually } from '@skiff/client/testing/eventually';
import type { ControllerContext } from '@skiff/controllers/controller';
import { CronJobController } from '@skiff/controllers/cron-job/controller';
import { ControlPlane } from './control-plane.ts';

const key = { namespace: 'default', name: 'tick' };
const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'img' }] } };

/** A controller whose clock a test sets. */
function clocked(clock: { now: Date }): new (context: ControllerContext) => CronJobController {
  return class extends CronJobController {
    constructor(context: ControllerContext) {
      super(context, { now: () => clock.now });
    }
  };
}

const start = (plane: ControlPlane, spec: object): Promise<CronJob> =>
  plane.client
    .resource('CronJob')
    .create({ metadata: key, spec: { schedule: '*/10 * * * *', jobTemplate: { spec: { template } }, ...spec } });
const jobsOf = async (plane: ControlPlane): Promise<readonly Job[]> =>
  (await plane.client.resource('Job').list({ namespace: 'default' })).items;
const jobs = (plane: ControlPlane, count: number): Promise<readonly Job[]> =>
  eventually(async () => {
    const found = await jobsOf(plane);
    assert.equal(found.length, count);
    return found;
  });
/** Lets the controller look again. */
const wake = (plane: ControlPlane): Promise<CronJob> =>
  plane.client.resource('CronJob').patch(key, { metadata: { annotations: { look: String(performance.now()) } } });

/** Times must come after the creation that the server dates. */
const inMinutes = (minutes: number): Date =>
  new Date((Math.floor(Date.now() / 600_000) + 1) * 600_000 + minutes * 60_000);

it('a CronJob makes a Job when its time comes, and says so', async () => {
  const clock = { now: new Date() };
  await using plane = await ControlPlane.start(clocked(clock));
  await start(plane, {});
  clock.now = inMinutes(0);
  await wake(plane);
  const [job] = await jobs(plane, 1);
  assert.equal(job?.metadata.ownerReferences?.[0]?.name, 'tick');
  assert.ok(job?.metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp']);
  const { status } = await eventually(async () => {
    const cron = await plane.client.resource('CronJob').get(key);
    assert.equal(cron.status?.active?.[0]?.name, job?.metadata.name);
    return cron;
  });
  assert.equal(Date.parse(status?.lastScheduleTime ?? ''), clock.now.getTime());
});

it('a CronJob does as its concurrency policy says while a Job runs', async () => {
  const expected = { Allow: 2, Forbid: 1, Replace: 1 };
  for (const [concurrencyPolicy, count] of Object.entries(expected)) {
    const clock = { now: new Date() };
    await using plane = await ControlPlane.start(clocked(clock));
    await start(plane, { concurrencyPolicy });
    clock.now = inMinutes(0);
    await wake(plane);
    const [first] = await jobs(plane, 1);
    clock.now = inMinutes(10);
    await wake(plane);
    if (concurrencyPolicy === 'Forbid') {
      await eventually(async () => assert.ok((await plane.events('JobAlreadyActive')).length > 0));
    }
    await eventually(async () => {
      const found = await jobsOf(plane);
      assert.equal(found.length, count, concurrencyPolicy);
      const replaced = found.every(({ metadata }) => metadata.uid !== first?.metadata.uid);
      assert.equal(replaced, concurrencyPolicy === 'Replace', concurrencyPolicy);
    });
  }
});

it('a suspended CronJob makes up for nothing but the last time', async () => {
  const clock = { now: new Date() };
  await using plane = await ControlPlane.start(clocked(clock));
  await start(plane, { suspend: true });
  clock.now = inMinutes(0);
  await wake(plane);
  clock.now = inMinutes(10);
  await plane.client.resource('CronJob').patch(key, { spec: { suspend: false } });
  const [job] = await jobs(plane, 1);
  const scheduled = job?.metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp'];
  assert.equal(Date.parse(scheduled ?? ''), clock.now.getTime());
});
