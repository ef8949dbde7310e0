import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatusCause } from '@skiff/api/status';
import type { Node } from '@skiff/api/types';
import { validateNode, validateNodeUpdate } from './node-validation.ts';

const node = (spec: NonNullable<Node['spec']>, status: NonNullable<Node['status']> = {}): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'a' },
  spec,
  status,
});
const found = (causes: readonly StatusCause[]) => causes.map(({ reason, field }) => `${reason} ${field}`);

const cases: readonly (readonly [given: Node, causes: string[]])[] = [
  [
    node({ podCIDRs: ['10.0.0.0/24', 'fd00::/64'] }, { capacity: { cpu: '2', pods: '110', 'example.com/gpu': '1' } }),
    [],
  ],
  [node({ podCIDRs: ['10.0.0.0'] }), ['FieldValueInvalid spec.podCIDRs[0]']],
  [node({ podCIDRs: ['10.0.0.0/24', '10.0.1.0/24'] }), ['FieldValueInvalid spec.podCIDRs']],
  [
    node({ podCIDRs: ['10.0.0.0/24', '10.0.0.0/24'] }),
    ['FieldValueInvalid spec.podCIDRs', 'FieldValueDuplicate spec.podCIDRs[1]'],
  ],
  [
    node({}, { capacity: { cpu: '-1', 'example.com/gpu': '1.5' }, allocatable: { pods: '500m' } }),
    [
      'FieldValueInvalid status.capacity.cpu',
      'FieldValueInvalid status.capacity.example.com/gpu',
      'FieldValueInvalid status.allocatable.pods',
    ],
  ],
  [
    node({
      taints: [
        { key: 'a b', effect: 'NoSchedule', value: '!' },
        { key: 'a', effect: 'Never' },
        { key: 'b', effect: '' },
        { key: 'c', effect: 'NoExecute' },
        { key: 'c', effect: 'NoExecute', value: 'x' },
      ],
    }),
    [
      'FieldValueInvalid metadata.taints[0].key',
      'FieldValueInvalid metadata.taints[0].value',
      'FieldValueNotSupported metadata.taints[1].effect',
      'FieldValueRequired metadata.taints[2].effect',
      'FieldValueDuplicate metadata.taints[4]',
    ],
  ],
];

test('Nodes that break a rule are told which', () => {
  for (const [given, causes] of cases) assert.deepEqual(found(validateNode(given)), causes);
});

test('an update keeps what was given once, and repeats no address', () => {
  const old = node({ podCIDRs: ['10.0.0.0/24'], providerID: 'x://1' });
  const address = { type: 'InternalIP', address: '10.0.0.1' };
  assert.deepEqual(found(validateNodeUpdate(old, old)), []);
  assert.deepEqual(found(validateNodeUpdate(old, node({}))), []);
  const changed = node({ podCIDRs: ['10.0.1.0/24'], providerID: 'x://2' }, { addresses: [address, { ...address }] });
  assert.deepEqual(found(validateNodeUpdate(changed, old)), [
    'FieldValueDuplicate status.addresses[1]',
    'FieldValueForbidden spec.podCIDRs',
    'FieldValueForbidden spec.providerID',
  ]);
});
