import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job, Pod } from '@skiff/api/types';
import { indexKey, trackingFinalizer } from './job-pods.ts';
import { planJob } from './plan.ts';

const now = Date.parse('2026-01-01T01:00:00Z');
const running = { startTime: '2026-01-01T00:00:00Z' };

interface Given {
  phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  index?: number;
  failures?: number;
  endedAgo?: number;
  ending?: boolean;
  node?: string;
}

let count = 0;
const pod = ({ phase = 'Running', index, failures, endedAgo = 3600, ending, node }: Given): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: `p${++count}`,
    uid: `p${count}`,
    finalizers: [trackingFinalizer],
    ...(ending && { deletionTimestamp: '2026-01-01T00:59:00Z' }),
    annotations: {
      ...(index !== undefined && { [indexKey]: String(index) }),
      ...(failures !== undefined && { 'batch.kubernetes.io/job-index-failure-count': String(failures) }),
    },
  },
  spec: { containers: [], ...(node && { nodeName: node }) },
  status: {
    phase,
    containerStatuses: [
      {
        name: 'c',
        image: '',
        imageID: '',
        ready: false,
        restartCount: 0,
        state: { terminated: { exitCode: 1, finishedAt: new Date(now - endedAgo * 1000).toISOString() } },
      },
    ],
  },
});

const job = (spec: object, status: object = running): Job => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'j' },
  spec: { completions: 1, parallelism: 1, template: {}, ...spec },
  status,
});

/** What a plan does: `+` makes a Pod (of an index), `-` deletes one; then the new conditions and when to come again. */
function planned(spec: object, given: readonly Given[], status?: object): string {
  const plan = planJob(job(spec, status), given.map(pod), { now, settled: true });
  return [
    ...plan.create.map(({ index, failures }) =>
      index === undefined ? '+' : `+${index}${failures ? `(${failures})` : ''}`,
    ),
    ...plan.delete.map(() => '-'),
    ...(plan.status.conditions ?? []).map(({ type, reason }) => `${type} ${reason}`),
    ...(plan.afterMs === undefined ? [] : [`in ${plan.afterMs}`]),
  ].join(', ');
}

const indexed = (spec: object): object => ({ completionMode: 'Indexed', ...spec });
const reached = 'SuccessCriteriaMet CompletionsReached';

const cases: readonly (readonly [string, object, readonly Given[], string, object?])[] = [
  ['begins with as many Pods as may run at once', { completions: 5, parallelism: 2 }, [], '+, +'],
  ['makes no more Pods than are left to do', { completions: 2, parallelism: 2 }, [{ phase: 'Succeeded' }], '+'],
  [
    'works from a queue until one succeeds',
    { completions: undefined, parallelism: 2 },
    [{}, { phase: 'Succeeded' }],
    '',
  ],
  ['is done with the queue when all have ended', { completions: undefined }, [{ phase: 'Succeeded' }], reached],
  ['sends away what is too much', { completions: 3, parallelism: 1 }, [{}, {}], '-'],
  ['sends all away when it is done', { completions: 1, parallelism: 2 }, [{ phase: 'Succeeded' }, {}], `-, ${reached}`],
  ['waits before it tries again', {}, [{ phase: 'Failed', endedAgo: 4 }], 'in 6000'],
  [
    'waits twice as long after the second failure',
    {},
    [{ phase: 'Failed', endedAgo: 4 }, { phase: 'Failed' }],
    'in 16000',
  ],
  ['tries again when that is over', {}, [{ phase: 'Failed', endedAgo: 11 }], '+'],
  ['replaces a Pod that ends', {}, [{ ending: true, endedAgo: 60, node: 'n' }], '+'],
  [
    'waits for a Pod that ends where it is told to',
    { podReplacementPolicy: 'Failed' },
    [{ ending: true, node: 'n' }],
    '',
  ],
  ['fails when it takes too long', { activeDeadlineSeconds: 60 }, [{}], '-, FailureTarget DeadlineExceeded'],
  ['comes again when its deadline is there', { activeDeadlineSeconds: 3700 }, [{}], 'in 100000'],
  [
    'works on each index',
    indexed({ completions: 3, parallelism: 2 }),
    [{ phase: 'Succeeded', index: 0 }, { index: 2 }],
    '+1',
  ],
  [
    'sends away a second Pod of an index',
    indexed({ completions: 2, parallelism: 2 }),
    [{ index: 0 }, { index: 0 }, { index: 1 }],
    '-',
  ],
  [
    'counts failures by index',
    indexed({ completions: 2, parallelism: 2, backoffLimitPerIndex: 1, backoffLimit: 9 }),
    [{ phase: 'Failed', index: 0, failures: 0 }, { index: 1 }],
    '+0(1)',
  ],
  [
    'gives an index up and fails when all others are done',
    indexed({ completions: 2, parallelism: 2, backoffLimitPerIndex: 0, backoffLimit: 9 }),
    [
      { phase: 'Failed', index: 0, failures: 0 },
      { phase: 'Succeeded', index: 1 },
    ],
    'FailureTarget FailedIndexes',
  ],
  [
    'fails when too many indexes have failed',
    indexed({ completions: 3, parallelism: 1, backoffLimitPerIndex: 0, maxFailedIndexes: 0, backoffLimit: 9 }),
    [{ phase: 'Failed', index: 0, failures: 0 }],
    'FailureTarget MaxFailedIndexesExceeded',
  ],
  [
    'is done when a rule of its success policy is met',
    indexed({ completions: 3, parallelism: 3, successPolicy: { rules: [{ succeededIndexes: '1' }] } }),
    [{ index: 0 }, { phase: 'Succeeded', index: 1 }, { index: 2 }],
    '-, -, SuccessCriteriaMet SuccessPolicy',
  ],
  ['does nothing while it is suspended', { suspend: true }, [{}], '-, Suspended JobSuspended'],
];
for (const [what, spec, given, expected, status] of cases) {
  test(`a Job ${what}`, () => assert.equal(planned(spec, given, status), expected));
}

test('a Pod is noted, let go and counted, in this order', () => {
  const ended = pod({ phase: 'Succeeded' });
  const noted = planJob(job({ completions: 2 }), [ended], { now, settled: true });
  assert.deepEqual(noted.status.uncountedTerminatedPods, { succeeded: [ended.metadata.uid] });
  assert.equal(noted.status.succeeded, undefined);
  assert.deepEqual(noted.release, [ended]);
  const { finalizers: _gone, ...metadata } = ended.metadata;
  const counted = planJob(job({ completions: 2 }, noted.status), [{ ...ended, metadata }], { now, settled: true });
  assert.deepEqual([counted.status.succeeded, counted.status.uncountedTerminatedPods], [1, {}]);
});

test('a Job makes nothing before it has seen what it made', () => {
  const plan = planJob(job({ parallelism: 2, completions: 2 }), [], { now, settled: false });
  assert.deepEqual([plan.create, plan.delete], [[], []]);
});
