import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node } from '@skiff/api/types';
import { rejectionOf } from './admission.ts';
import type { NodePod, PodSpec } from './types.ts';

const node: Node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'node1', labels: { disk: 'ssd' } },
  status: { allocatable: { cpu: '2', memory: '1Gi', pods: '3' } },
};

const pod = (requests: Record<string, string> = {}, more: Partial<PodSpec> = {}): NodePod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', uid: 'u1' },
  spec: { containers: [{ name: 'app', resources: { requests } }], ...more },
});

const zones = (...values: string[]): Partial<PodSpec> => {
  const matchExpressions = [{ key: 'disk', operator: 'In', values }];
  const required = { nodeSelectorTerms: [{ matchExpressions }] };
  return { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } } };
};

const few = "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector";
const enough = (text: string) => `Node didn't have enough resource: ${text}`;
const cases: [title: string, wanted: NodePod, others: NodePod[], outcome: string | undefined][] = [
  ['that fits', pod({ cpu: '500m', memory: '1Gi' }), [pod({ cpu: '1500m' })], undefined],
  [
    'that wants more CPU than is left',
    pod({ cpu: '600m' }),
    [pod({ cpu: '1' }), pod({ cpu: '500m' })],
    `OutOfcpu: ${enough('cpu, requested: 600, used: 1500, capacity: 2000')}`,
  ],
  [
    'that wants more memory than there is',
    pod({ memory: '2Gi' }),
    [],
    `OutOfmemory: ${enough('memory, requested: 2147483648, used: 0, capacity: 1073741824')}`,
  ],
  [
    'that is one too many',
    pod(),
    [pod(), pod(), pod()],
    `OutOfpods: ${enough('pods, requested: 1, used: 3, capacity: 3')}`,
  ],
  ['that wants what the node says nothing of', pod({ 'ephemeral-storage': '1Gi' }), [], undefined],
  ['that selects the node', pod({}, { nodeSelector: { disk: 'ssd' } }), [], undefined],
  ['that selects another', pod({}, { nodeSelector: { disk: 'hdd' } }), [], `NodeAffinity: ${few}`],
  ['that requires the node', pod({}, zones('hdd', 'ssd')), [], undefined],
  ['that requires another', pod({}, zones('hdd')), [], `NodeAffinity: ${few}`],
];

for (const [title, wanted, others, outcome] of cases)
  test(`a Pod ${title} is ${outcome === undefined ? 'taken' : 'rejected'}`, () => {
    const rejection = rejectionOf(wanted, { node, others });
    assert.equal(rejection && `${rejection.reason}: ${rejection.message}`, outcome);
  });
