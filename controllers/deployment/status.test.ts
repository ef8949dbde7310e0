import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Deployment, ReplicaSet } from '@skiff/api/types';
import type { DeploymentStatus } from './conditions.ts';
import { deploymentStatus, type PassNotes } from './status.ts';

const start = Date.parse('2026-01-01T00:00:00Z');

const deployment = (status: DeploymentStatus = {}, spec: object = {}): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd', generation: 1 },
  spec: { replicas: 2, selector: {}, template: {}, progressDeadlineSeconds: 600, ...spec },
  status,
});

const set = (available: number): ReplicaSet => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'd-x' },
  spec: { replicas: 2, selector: {} },
  status: { replicas: 2, readyReplicas: available, availableReplicas: available, terminatingReplicas: 0 },
});

const look = (given: Deployment, current: ReplicaSet | undefined, notes: Partial<PassNotes> = {}) =>
  deploymentStatus(given, { current, old: [] }, { now: start, judgeProgress: true, ...notes });

const told = (status: DeploymentStatus): string[] =>
  (status.conditions ?? []).map(({ type, status: value, reason, message }) => `${type}=${value} ${reason}: ${message}`);

describe('the status of a Deployment', () => {
  it('tells a rollout from its first set to its end', () => {
    const created = look(deployment(), { ...set(0), status: { replicas: 0 } }, { created: true }).status;
    assert.deepEqual(told(created), [
      'Progressing=True NewReplicaSetCreated: Created new replica set "d-x"',
      'Available=False MinimumReplicasUnavailable: Deployment does not have minimum availability.',
    ]);
    const half = look(deployment(created), set(1)).status;
    assert.deepEqual(told(half), [
      'Available=False MinimumReplicasUnavailable: Deployment does not have minimum availability.',
      'Progressing=True ReplicaSetUpdated: ReplicaSet "d-x" is progressing.',
    ]);
    const { status, nextCheckMs } = look(deployment(half), set(2));
    assert.deepEqual(told(status), [
      'Available=True MinimumReplicasAvailable: Deployment has minimum availability.',
      'Progressing=True NewReplicaSetAvailable: ReplicaSet "d-x" has successfully progressed.',
    ]);
    assert.deepEqual(
      { ...status, conditions: undefined },
      {
        observedGeneration: 1,
        replicas: 2,
        updatedReplicas: 2,
        readyReplicas: 2,
        availableReplicas: 2,
        terminatingReplicas: 0,
        conditions: undefined,
      },
    );
    assert.equal(nextCheckMs, undefined);
    assert.deepEqual(look(deployment(status), set(2), { now: start + 5000 }).status, status);
  });

  it('says that the deadline passed, and looks again when it will', () => {
    const half = look(deployment({}, { progressDeadlineSeconds: 10 }), set(1));
    assert.equal(half.nextCheckMs, 11_000);
    const late = look(deployment(half.status, { progressDeadlineSeconds: 10 }), set(1), { now: start + 11_000 });
    assert.equal(
      told(late.status)[1],
      'Progressing=False ProgressDeadlineExceeded: ReplicaSet "d-x" has timed out progressing.',
    );
    assert.equal(late.nextCheckMs, undefined);
  });

  it('does not judge progress while paused, nor after the pause what passed in it', () => {
    const half = look(deployment(), set(1)).status;
    const paused = look(deployment(half, { paused: true }), set(1), {
      now: start + 3_600_000,
      judgeProgress: false,
    }).status;
    assert.ok(told(paused).includes('Progressing=Unknown DeploymentPaused: Deployment is paused'));
    const resumed = look(deployment(paused), set(1), { now: start + 7_200_000 }).status;
    assert.ok(told(resumed).includes('Progressing=Unknown DeploymentResumed: Deployment is resumed'));
  });
});
