import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kinds } from '../kinds.ts';
import { decode } from './decode.ts';
import { duplicateFields } from './duplicate-fields.ts';
import { normalize } from './normalize.ts';
import { type ObjectSchema, type Schema, schemaFor } from './schema.ts';
import { describe } from './structure.ts';

const deployment = schemaFor('V1Deployment');

test('every kind has a schema, and so has every type that it reaches', () => {
  const seen = new Set<ObjectSchema>();
  const walk = (schema: Schema): void => {
    if (schema.is === 'list') walk(schema.items);
    else if (schema.is === 'map') walk(schema.values);
    else if (schema.is === 'object' && !seen.has(schema)) {
      seen.add(schema);
      for (const field of schema.fields.values()) walk(field.schema);
    }
  };
  for (const { model } of kinds) walk(schemaFor(model));
  assert.ok(seen.size > 200, `${seen.size} types`);
});

test('descriptions are there for models and fields', () => {
  assert.match(describe('V1ServiceSpec'), /^ServiceSpec describes/);
  assert.match(describe('V1ServicePort', 'nodePort'), /^The port on each node/);
});

test('lists know how they merge', () => {
  const spec = schemaFor('V1ServiceSpec');
  const ports = spec.fields.get('ports')?.merge;
  assert.deepEqual([ports?.list, ports?.keys, ports?.patch.mergeKey], ['map', ['port', 'protocol'], 'port']);
  assert.equal(spec.fields.get('selector')?.merge.atomic, true);
  assert.equal(spec.fields.get('externalIPs')?.merge.list, 'atomic');
});

test('decoding drops unknown fields, nulls and plain zeros, and says where unknown fields were', () => {
  const container = { name: 'c', bar: 2, image: '', resources: { limits: { cpu: 1, memory: '1024Mi' } } };
  const { object, wrong, unknown } = decode(
    {
      foo: 1,
      metadata: { name: 'x', labels: {}, creationTimestamp: null },
      spec: { replicas: 0, paused: false, template: { spec: { hostNetwork: false, containers: [container] } } },
    },
    deployment,
  );
  assert.equal(wrong, undefined);
  assert.deepEqual(unknown, ['foo', 'spec.template.spec.containers[0].bar']);
  const read = { name: 'c', resources: { limits: { cpu: '1', memory: '1Gi' } } };
  assert.deepEqual(object, {
    metadata: { name: 'x' },
    spec: { replicas: 0, template: { spec: { containers: [read] } } },
  });
});

const wrongTypes: Record<string, { value: Record<string, unknown>; says: RegExp }> = {
  'a text for a number': {
    value: { spec: { replicas: '3' } },
    says: /^json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32$/,
  },
  'a fraction for a whole number': {
    value: { spec: { replicas: 1.5 } },
    says: /cannot unmarshal number 1.5 into .* of type int32$/,
  },
  'an object for a list': {
    value: { spec: { template: { spec: { containers: {} } } } },
    says: /PodSpec.spec.template.spec.containers of type \[\]v1.Container$/,
  },
  'a number for a label': {
    value: { metadata: { labels: { a: 1 } } },
    says: /ObjectMeta.metadata.labels of type string$/,
  },
  'a time that is none': { value: { metadata: { creationTimestamp: 'now' } }, says: /^parsing time "now"/ },
  'a quantity that is none': {
    value: { spec: { template: { spec: { overhead: { cpu: 'much' } } } } },
    says: /^quantities must match/,
  },
};
for (const [what, { value, says }] of Object.entries(wrongTypes)) {
  test(`decoding refuses ${what}, in the words of Go`, () => assert.match(decode(value, deployment).wrong ?? '', says));
}

test('decoding cannot reach a prototype', () => {
  const { object } = decode(
    JSON.parse('{"metadata":{"labels":{"__proto__":"x","a":"b"}},"__proto__":{"y":1}}'),
    deployment,
  );
  assert.deepEqual(object, { metadata: { labels: { a: 'b' } } });
});

test('normalizing writes what Go always writes', () => {
  const slice = { metadata: { name: 's' }, addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'] }], ports: [] };
  normalize(slice, schemaFor('V1EndpointSlice'));
  assert.deepEqual(slice, {
    metadata: { name: 's' },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.0.0.1'], conditions: {} }],
    ports: null,
  });
  const service = { metadata: { name: 's' }, spec: { ports: [{ port: 80, nodePort: 0 }] } };
  normalize(service, schemaFor('V1Service'));
  assert.deepEqual(service, { metadata: { name: 's' }, spec: { ports: [{ port: 80 }] }, status: { loadBalancer: {} } });
});

test('members that occur twice are found', () => {
  assert.deepEqual(duplicateFields('{"a": 1, "b": {"c": [{"d": "\\"x", "d": 2}, 3]}, "a": []}'), ['b.c[0].d', 'a']);
});

test('a quantity that is always written is 0 where it is absent', () => {
  const ref: Record<string, unknown> = { resource: 'limits.cpu' };
  normalize(ref, schemaFor('V1ResourceFieldSelector'));
  assert.deepEqual(ref, { resource: 'limits.cpu', divisor: '0' });
  const { object } = decode({ limits: { cpu: null } }, schemaFor('V1ResourceRequirements'));
  assert.deepEqual(object, { limits: { cpu: '0' } });
});

test('a role without rules has null for them, as Go writes a list without omitempty', () => {
  for (const model of ['V1Role', 'V1ClusterRole']) {
    const role: Record<string, unknown> = { metadata: { name: 'a' }, rules: [] };
    normalize(role, schemaFor(model));
    assert.deepEqual(role, { metadata: { name: 'a' }, rules: null });
  }
});
