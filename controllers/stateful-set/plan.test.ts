import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod, StatefulSet } from '@skiff/api/types';
import { planPods } from './plan.ts';
import { statefulSetStatus } from './status.ts';

const now = Date.parse('2026-01-01T01:00:00Z');
const revisions = { current: 'old', update: 'new' };

interface Given {
  ordinal: number;
  revision?: string;
  state?: 'ready' | 'starting' | 'ending' | 'failed';
}

const pod = ({ ordinal, revision = 'new', state = 'ready' }: Given): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: `s-${ordinal}`,
    labels: { 'controller-revision-hash': revision },
    ...(state === 'ending' && { deletionTimestamp: '2026-01-01T00:59:00Z' }),
  },
  status: {
    phase: state === 'failed' ? 'Failed' : 'Running',
    conditions: [
      { type: 'Ready', status: state === 'ready' ? 'True' : 'False', lastTransitionTime: '2026-01-01T00:59:50Z' },
    ],
  },
});

const set = (spec: object = {}): StatefulSet => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 's', generation: 1 },
  spec: {
    replicas: 3,
    selector: {},
    serviceName: 's',
    template: {},
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
    ...spec,
  },
});

/** What a plan does: `+1 new` makes, `-2` deletes. */
function planned(spec: object, given: readonly Given[]): string {
  const plan = planPods(set(spec), given.map(pod), { revisions, now });
  const made = plan.create.map(({ ordinal, revision }) => `+${ordinal} ${revision}`);
  const wait = plan.nextChangeMs === undefined ? [] : [`wait ${plan.nextChangeMs}`];
  return [...made, ...plan.delete.map(({ metadata }) => metadata.name.replace('s', '')), ...wait].join(', ');
}

const parallel = { podManagementPolicy: 'Parallel' };
const partition = (value: number): object => ({
  updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: value } },
});
const onDelete = { updateStrategy: { type: 'OnDelete' } };

const cases: readonly (readonly [string, object, readonly Given[], string])[] = [
  ['makes the first Pod', {}, [], '+0 new'],
  ['waits for a Pod that starts', {}, [{ ordinal: 0, state: 'starting' }], ''],
  ['makes the next Pod once the first is ready', {}, [{ ordinal: 0 }], '+1 new'],
  ['waits until a Pod was ready long enough', { minReadySeconds: 30 }, [{ ordinal: 0 }], 'wait 20000'],
  ['fills a gap first', {}, [{ ordinal: 0 }, { ordinal: 2 }], '+1 new'],
  ['makes all Pods at once in parallel', parallel, [{ ordinal: 1, state: 'starting' }], '+0 new, +2 new'],
  ['begins with the ordinal that it is told', { ordinals: { start: 5 }, replicas: 1 }, [], '+5 new'],
  ['makes a failed Pod anew', {}, [{ ordinal: 0, state: 'failed' }], '-0'],
  ['sends the highest Pod away first', { replicas: 1 }, [{ ordinal: 0 }, { ordinal: 1 }, { ordinal: 2 }], '-2'],
  ['waits for a Pod that ends', { replicas: 1 }, [{ ordinal: 0 }, { ordinal: 1 }, { ordinal: 2, state: 'ending' }], ''],
  ['sends all away at once in parallel', { ...parallel, replicas: 0 }, [{ ordinal: 0 }, { ordinal: 1 }], '-1, -0'],
  [
    'replaces the highest Pod of the old revision',
    {},
    [{ ordinal: 0, revision: 'old' }, { ordinal: 1, revision: 'old' }, { ordinal: 2 }],
    '-1',
  ],
  [
    'does not go on before the new Pod is ready',
    parallel,
    [
      { ordinal: 0, revision: 'old' },
      { ordinal: 1, revision: 'old' },
      { ordinal: 2, state: 'starting' },
    ],
    '',
  ],
  [
    'leaves Pods below the partition alone',
    partition(2),
    [{ ordinal: 0, revision: 'old' }, { ordinal: 1, revision: 'old' }, { ordinal: 2 }],
    '',
  ],
  ['makes Pods below the partition of the old revision', partition(2), [{ ordinal: 0, revision: 'old' }], '+1 old'],
  [
    'replaces nothing on its own with OnDelete',
    onDelete,
    [0, 1, 2].map((ordinal) => ({ ordinal, revision: 'old' })),
    '',
  ],
];
for (const [what, spec, given, expected] of cases) {
  test(`a StatefulSet ${what}`, () => assert.equal(planned(spec, given), expected));
}

test('the status counts the Pods of each revision and ends an update that is over', () => {
  const during = statefulSetStatus(set(), [pod({ ordinal: 0, revision: 'old' }), pod({ ordinal: 1 })], {
    revisions,
    now,
  });
  assert.deepEqual(
    [during.replicas, during.currentReplicas, during.updatedReplicas, during.currentRevision],
    [2, 1, 1, 'old'],
  );
  const over = statefulSetStatus(
    set(),
    [0, 1, 2].map((ordinal) => pod({ ordinal })),
    { revisions, now },
  );
  assert.deepEqual([over.currentReplicas, over.currentRevision, over.updateRevision], [3, 'new', 'new']);
});
