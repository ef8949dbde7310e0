import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Deployment, ReplicaSet } from '@skiff/api/types';
import { limitsOf } from './limits.ts';
import { scaleAnnotations } from './revisions.ts';
import { proportionalScales, rollingStep, wasScaled } from './scaling.ts';

type Rolling = { maxSurge?: number | string; maxUnavailable?: number | string };

function deployment(replicas: number, rollingUpdate: Rolling = {}): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', uid: 'd' },
    spec: {
      replicas,
      selector: {},
      template: {},
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%', ...rollingUpdate } },
    },
  };
}

function set(name: string, replicas: number, available: number, of: Deployment = deployment(replicas)): ReplicaSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, uid: name, creationTimestamp: name, annotations: scaleAnnotations(of) },
    spec: { replicas, selector: {} },
    status: { replicas, availableReplicas: available },
  };
}

describe('the limits of a rolling update', () => {
  const cases: { replicas: number; rolling: Rolling; want: [surge: number, unavailable: number] }[] = [
    { replicas: 3, rolling: {}, want: [1, 0] },
    { replicas: 10, rolling: {}, want: [3, 2] },
    { replicas: 10, rolling: { maxSurge: 2, maxUnavailable: 0 }, want: [2, 0] },
    { replicas: 4, rolling: { maxSurge: 0, maxUnavailable: '10%' }, want: [0, 1] },
    { replicas: 2, rolling: { maxUnavailable: 5 }, want: [1, 2] },
  ];
  for (const { replicas, rolling, want } of cases) {
    it(`of ${replicas} replicas with ${JSON.stringify(rolling)} are ${want}`, () => {
      const { maxSurge, maxUnavailable } = limitsOf(deployment(replicas, rolling));
      assert.deepEqual([maxSurge, maxUnavailable], want);
    });
  }
});

describe('a rolling update', () => {
  const rollings: Rolling[] = [
    {},
    { maxSurge: 0, maxUnavailable: 1 },
    { maxSurge: 1, maxUnavailable: 0 },
    { maxSurge: '100%' },
  ];
  for (const rolling of rollings) {
    it(`keeps within ${JSON.stringify(rolling)} at every step, and ends`, () => {
      const wanted = deployment(5, rolling);
      const { maxSurge, maxUnavailable } = limitsOf(wanted);
      let sets = [set('1', 5, 5, wanted), set('2', 0, 0, wanted)] as const;
      for (let step = 0; sets[0].spec?.replicas !== 0 || sets[1].status?.availableReplicas !== 5; step++) {
        assert.ok(step < 30, 'the update does not end');
        const scales = rollingStep(wanted, sets[1], [sets[0]]);
        const resized = (old: ReplicaSet): ReplicaSet => {
          const replicas = scales.find((scale) => scale.set === old)?.replicas ?? old.spec?.replicas ?? 0;
          return set(old.metadata.name, replicas, Math.min(replicas, old.status?.availableReplicas ?? 0), wanted);
        };
        sets = [resized(sets[0]), resized(sets[1])];
        const total = (sets[0].spec?.replicas ?? 0) + (sets[1].spec?.replicas ?? 0);
        const available = (sets[0].status?.availableReplicas ?? 0) + (sets[1].status?.availableReplicas ?? 0);
        assert.ok(total <= 5 + maxSurge, `${total} Pods`);
        assert.ok(available >= 5 - maxUnavailable, `${available} available`);
        // One more of the new Pods becomes available.
        const ready = Math.min(sets[1].spec?.replicas ?? 0, (sets[1].status?.availableReplicas ?? 0) + 1);
        sets = [sets[0], set('2', sets[1].spec?.replicas ?? 0, ready, wanted)];
      }
    });
  }

  it('removes old replicas that never became available before it waits for new ones', () => {
    const wanted = deployment(3, { maxSurge: 1, maxUnavailable: 0 });
    const broken = set('1', 1, 0, wanted);
    const current = set('3', 1, 1, wanted);
    assert.deepEqual(rollingStep(wanted, current, [set('2', 2, 2, wanted), broken]), [{ set: broken, replicas: 0 }]);
  });
});

describe('scaling', () => {
  it('is noticed by the annotation of an active set', () => {
    const before = deployment(3);
    const current = set('1', 3, 3, before);
    assert.equal(wasScaled(before, { current, old: [] }), false);
    assert.equal(wasScaled(deployment(5), { current, old: [] }), true);
  });

  it('gives everything to the only active set', () => {
    const current = set('2', 3, 3);
    assert.deepEqual(proportionalScales(deployment(5), { current, old: [set('1', 0, 0)] }), [
      { set: current, replicas: 5 },
    ]);
  });

  it('is shared out in proportion in the middle of an update', () => {
    const before = deployment(10, { maxSurge: 3, maxUnavailable: 2 });
    const old = set('1', 8, 8, before);
    const current = set('2', 5, 0, before);
    const scales = proportionalScales(deployment(15, { maxSurge: 3, maxUnavailable: 2 }), { current, old: [old] });
    assert.deepEqual(
      scales.map(({ replicas }) => replicas),
      [11, 7],
    );
  });

  it('to zero empties every set', () => {
    const before = deployment(10);
    const sets = { current: set('2', 5, 0, before), old: [set('1', 8, 8, before)] };
    assert.deepEqual(
      proportionalScales(deployment(0), sets).map(({ replicas }) => replicas),
      [0, 0],
    );
  });
});
