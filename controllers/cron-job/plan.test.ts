import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CronJob, Job } from '@skiff/api/types';
import { dueTime, expired, jobName, scheduleOf } from './plan.ts';

const cron = (spec: object, status: object = {}): CronJob => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'c', creationTimestamp: '2026-01-01T00:00:30Z' },
  spec: { schedule: '*/10 * * * *', jobTemplate: {}, ...spec },
  status,
});

const cases: readonly (readonly [string, object, object, string, string])[] = [
  ['is not due before its first time', {}, {}, '2026-01-01T00:05:00Z', 'none, in 300 s'],
  ['is due at its time', {}, {}, '2026-01-01T00:10:00Z', '00:10, in 600 s'],
  ['runs the last of the times that it missed', {}, {}, '2026-01-01T00:35:00Z', '00:30, in 300 s'],
  [
    'does not run a time again',
    {},
    { lastScheduleTime: '2026-01-01T00:30:00Z' },
    '2026-01-01T00:35:00Z',
    'none, in 300 s',
  ],
  ['does not run when it is too late', { startingDeadlineSeconds: 60 }, {}, '2026-01-01T00:15:00Z', 'none, in 300 s'],
  ['runs a little late', { startingDeadlineSeconds: 60 }, {}, '2026-01-01T00:10:30Z', '00:10, in 570 s'],
  ['skips a long absence', { schedule: '* * * * *' }, {}, '2026-01-02T00:00:20Z', '00:00 late, in 40 s'],
];
for (const [what, spec, status, now, expected] of cases) {
  test(`a CronJob ${what}`, () => {
    const one = cron(spec, status);
    const { at, nextMs, missedTooMany } = dueTime(one, scheduleOf(one), new Date(now));
    const time = at?.toISOString().slice(11, 16) ?? 'none';
    assert.equal(`${time}${missedTooMany ? ' late' : ''}, in ${(nextMs ?? 0) / 1000} s`, expected);
  });
}

test('the Job of a time has one name', () => {
  assert.equal(jobName(cron({}), new Date('2026-01-01T00:10:00Z')), 'c-29453770');
});

test('finished Jobs beyond the limits expire, the oldest first', () => {
  const job = (name: string, type: string, minute: number): Job => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    status: { startTime: `2026-01-01T00:0${minute}:00Z`, conditions: [{ type, status: 'True' }] },
  });
  const jobs = [
    job('new', 'Complete', 3),
    job('old', 'Complete', 1),
    job('bad', 'Failed', 2),
    job('runs', 'Suspended', 0),
  ];
  const names = (spec: object): string[] => expired(cron(spec), jobs).map(({ metadata }) => metadata.name);
  assert.deepEqual(names({ successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 1 }), ['old']);
  assert.deepEqual(names({ successfulJobsHistoryLimit: 0, failedJobsHistoryLimit: 0 }), ['old', 'new', 'bad']);
});
