import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ControllerRevision, DaemonSet, Node, Pod } from '@skiff/api/types';
import { planDaemons } from './plan.ts';

const now = Date.parse('2026-01-01T01:00:00Z');
const update: ControllerRevision = {
  apiVersion: 'apps/v1',
  kind: 'ControllerRevision',
  metadata: { name: 'd-new', labels: { 'controller-revision-hash': 'new' } },
  revision: 2,
};

const node = (name: string, taints: { key: string; effect: string }[] = []): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { zone: name } },
  spec: { taints },
});

interface Given {
  node: string;
  revision?: string;
  state?: 'ready' | 'starting' | 'ending' | 'failed';
}

const pod = ({ node: nodeName, revision = 'new', state = 'ready' }: Given): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: `${nodeName}-${revision}`,
    labels: { 'controller-revision-hash': revision },
    ...(state === 'ending' && { deletionTimestamp: '2026-01-01T00:59:00Z' }),
  },
  spec: { containers: [], nodeName },
  status: {
    phase: state === 'failed' ? 'Failed' : 'Running',
    conditions: [
      { type: 'Ready', status: state === 'ready' ? 'True' : 'False', lastTransitionTime: '2026-01-01T00:00:00Z' },
    ],
  },
});

function planned(spec: object, nodes: readonly Node[], given: readonly Given[]): string {
  const set: DaemonSet = {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'd' },
    spec: {
      selector: {},
      template: {},
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
      ...spec,
    },
  };
  const plan = planDaemons(set, { nodes, pods: given.map(pod), update, now, settled: true });
  return [...plan.create.map((name) => `+${name}`), ...plan.delete.map(({ metadata }) => `-${metadata.name}`)].join(
    ', ',
  );
}

const three = [node('a'), node('b'), node('c')];
const rolling = (rollingUpdate: object): object => ({ updateStrategy: { type: 'RollingUpdate', rollingUpdate } });
const old = (name: string): Given => ({ node: name, revision: 'old' });

const cases: readonly (readonly [string, object, readonly Node[], readonly Given[], string])[] = [
  ['makes a Pod for each node', {}, three, [{ node: 'a' }], '+b, +c'],
  [
    'keeps to its node selector',
    { template: { spec: { containers: [], nodeSelector: { zone: 'b' } } } },
    three,
    [{ node: 'a' }],
    '+b, -a-new',
  ],
  ['leaves tainted nodes alone', {}, [node('a', [{ key: 'x', effect: 'NoSchedule' }])], [], ''],
  ['stays where only new Pods are refused', {}, [node('a', [{ key: 'x', effect: 'NoSchedule' }])], [{ node: 'a' }], ''],
  ['goes where all Pods are refused', {}, [node('a', [{ key: 'x', effect: 'NoExecute' }])], [{ node: 'a' }], '-a-new'],
  [
    'tolerates what nodes suffer from',
    {},
    [node('a', [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }])],
    [],
    '+a',
  ],
  ['makes a failed Pod anew', {}, [node('a')], [{ node: 'a', state: 'failed' }], '-a-new'],
  ['lets Pods of nodes go that are no more', {}, [], [{ node: 'z' }], '-z-new'],
  ['replaces one old Pod at a time', {}, three, [old('a'), old('b'), old('c')], '-a-old'],
  ['waits for the new one', {}, three, [{ node: 'a', state: 'starting' }, old('b'), old('c')], ''],
  ['replaces broken Pods first', {}, three, [old('a'), { ...old('b'), state: 'starting' }, old('c')], '-b-old'],
  [
    'replaces a share of them',
    rolling({ maxUnavailable: '50%' }),
    three,
    [old('a'), old('b'), old('c')],
    '-a-old, -b-old',
  ],
  [
    'makes the new one first where it may surge',
    rolling({ maxUnavailable: 0, maxSurge: 1 }),
    three,
    [old('a'), old('b'), old('c')],
    '+a',
  ],
  [
    'lets the old one go once the new one is there',
    rolling({ maxUnavailable: 0, maxSurge: 1 }),
    [node('a')],
    [old('a'), { node: 'a' }],
    '-a-old',
  ],
  [
    'replaces nothing on its own with OnDelete',
    { updateStrategy: { type: 'OnDelete' } },
    three,
    [old('a'), old('b'), old('c')],
    '',
  ],
];
for (const [what, spec, nodes, given, expected] of cases) {
  test(`a DaemonSet ${what}`, () => assert.equal(planned(spec, nodes, given), expected));
}
