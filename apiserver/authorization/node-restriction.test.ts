import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node } from '@skiff/api/types';
import { refuseForeignChanges, refuseOtherNodes } from './node-restriction.ts';

const node1 = { name: 'system:node:node1', groups: ['system:nodes', 'system:authenticated'] };
const admin = { name: 'admin', groups: ['system:masters'] };

const node = (
  labels: Record<string, string> = {},
  taints: { key: string; effect: string }[] = [],
  name = 'node1',
): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels },
  spec: { taints },
});

test('a node writes no other node', () => {
  refuseOtherNodes(node1, node());
  refuseOtherNodes(admin, node({}, [], 'node2'));
  assert.throws(() => refuseOtherNodes(node1, node({}, [], 'node2')), { code: 403 });
});

const given = [
  'kubernetes.io/hostname',
  'topology.kubernetes.io/zone',
  'node.kubernetes.io/x',
  'a.kubelet.kubernetes.io/x',
  'example.com/x',
  'plain',
];
const guarded = [
  'node-restriction.kubernetes.io/x',
  'kubernetes.io/role',
  'x.k8s.io/y',
  'node-role.kubernetes.io/control-plane',
];

for (const label of given) {
  test(`a node may give itself the label ${label}`, () => {
    refuseForeignChanges(node1, node({ [label]: '1' }), undefined);
    refuseForeignChanges(node1, node({ [label]: '2' }), node({ [label]: '1' }));
  });
}

for (const label of guarded) {
  test(`a node may neither give itself the label ${label} nor change or lose it`, () => {
    const refused = { code: 403, message: /node "node1" is not allowed to (?:set the following|modify) labels: / };
    assert.throws(() => refuseForeignChanges(node1, node({ [label]: '1' }), undefined), refused);
    assert.throws(() => refuseForeignChanges(node1, node({ [label]: '2' }), node({ [label]: '1' })), refused);
    assert.throws(() => refuseForeignChanges(node1, node(), node({ [label]: '1' })), refused);
    refuseForeignChanges(node1, node({ [label]: '1' }), node({ [label]: '1' }));
    refuseForeignChanges(admin, node({ [label]: '2' }), node({ [label]: '1' }));
  });
}

test('a node may bring taints when it registers, and not change them afterwards', () => {
  const taint = { key: 'k', effect: 'NoSchedule' };
  refuseForeignChanges(node1, node({}, [taint]), undefined);
  refuseForeignChanges(node1, node({ plain: '1' }, [taint]), node({}, [taint]));
  assert.throws(() => refuseForeignChanges(node1, node(), node({}, [taint])), {
    code: 403,
    message: /node "node1" is not allowed to modify taints$/,
  });
});
