import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod, PodDisruptionBudget, StatefulSet } from '@skiff/api/types';
import type { Lookup } from './scale.ts';
import { budgetStatus } from './status.ts';

const now = Date.parse('2026-01-01T01:00:00Z');
const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 's', uid: 's', controller: true };
const set: StatefulSet = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 's', uid: 's' },
  spec: { replicas: 4, selector: {}, template: {} },
};
const lookup: Lookup = ({ uid }) => (uid === 's' ? set : undefined);

const pod = (name: string, { ready = true, ending = false, ownerReferences = [owner] } = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ownerReferences, ...(ending && { deletionTimestamp: '2026-01-01T00:59:00Z' }) },
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});
const four = ['a', 'b', 'c', 'd'].map((name) => pod(name));

function counted(spec: object, pods: readonly Pod[], status: object = {}): string {
  const budget: PodDisruptionBudget = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'b', generation: 1 },
    spec: { selector: {}, ...spec },
    status,
  };
  const result = budgetStatus(budget, pods, { lookup, now }).status;
  const { disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods, conditions } = result;
  return `${disruptionsAllowed} of ${currentHealthy}, ${desiredHealthy} of ${expectedPods} must stay, ${conditions?.[0]?.reason}`;
}

const cases: readonly (readonly [string, object, readonly Pod[], string, object?])[] = [
  ['a number that must stay', { minAvailable: 3 }, four, '1 of 4, 3 of 4 must stay, SufficientPods'],
  ['a share that must stay, rounded up', { minAvailable: '30%' }, four, '2 of 4, 2 of 4 must stay, SufficientPods'],
  ['a number that may be away', { maxUnavailable: 1 }, four, '1 of 4, 3 of 4 must stay, SufficientPods'],
  ['a share that may be away', { maxUnavailable: '50%' }, four, '2 of 4, 2 of 4 must stay, SufficientPods'],
  [
    'Pods that are not ready',
    { maxUnavailable: 1 },
    [...four.slice(1), pod('e', { ready: false })],
    '0 of 3, 3 of 4 must stay, InsufficientPods',
  ],
  [
    'Pods that are ending',
    { minAvailable: 1 },
    [pod('a', { ending: true }), pod('b')],
    '0 of 1, 1 of 2 must stay, InsufficientPods',
  ],
  ['no Pods', { minAvailable: 0 }, [], '0 of 0, 0 of 0 must stay, InsufficientPods'],
  [
    'evictions on their way',
    { minAvailable: 2 },
    four,
    '1 of 3, 2 of 4 must stay, SufficientPods',
    { disruptedPods: { a: '2026-01-01T00:59:30Z', gone: '2026-01-01T00:59:30Z', b: '2026-01-01T00:50:00Z' } },
  ],
  [
    'Pods whose owner is unknown',
    { maxUnavailable: 1 },
    [pod('x', { ownerReferences: [{ ...owner, uid: 'other' }] })],
    '0 of 1, 0 of 0 must stay, SyncFailed',
  ],
];
for (const [what, spec, pods, expected, status] of cases) {
  test(`a budget counts ${what}`, () => assert.equal(counted(spec, pods, status), expected));
}
