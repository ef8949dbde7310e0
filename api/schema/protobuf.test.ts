import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromProtobuf } from './protobuf.ts';
import { fieldNumbers } from './protobuf-fields.ts';
import { MalformedProtobuf } from './protobuf-reader.ts';
import { schemaFor } from './schema.ts';

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}

type Given = readonly [number, number | string | Uint8Array];

/** A message of fields, each a number or what something longer consists of. */
function message(...fields: readonly Given[]): Uint8Array {
  const bytes = fields.flatMap(([number, value]) => {
    if (typeof value === 'number') return [...varint(BigInt(number * 8)), ...varint(BigInt(value))];
    const inside = typeof value === 'string' ? Buffer.from(value) : value;
    return [...varint(BigInt(number * 8 + 2)), ...varint(BigInt(inside.length)), ...inside];
  });
  return Uint8Array.from(bytes);
}

const read = (model: string, ...fields: readonly Given[]): object => fromProtobuf(message(...fields), schemaFor(model));

test('texts, numbers, lists and structs are read by their numbers', () => {
  const port = message([1, 'http'], [2, 'TCP'], [3, 80], [4, message([1, 1], [3, 'web'])], [5, 0]);
  const spec = message([1, port], [1, message([3, 443], [4, message([1, 0], [2, 8443])])], [3, '']);
  assert.deepEqual(read('V1Service', [1, message([1, 'a'])], [2, spec]), {
    metadata: { name: 'a' },
    spec: {
      ports: [
        { name: 'http', protocol: 'TCP', port: 80, targetPort: 'web', nodePort: 0 },
        { port: 443, targetPort: 8443 },
      ],
      clusterIP: '',
    },
  });
});

test('maps come entry by entry, and their values may be lists', () => {
  const labels = [message([1, 'a'], [2, '1']), message([1, 'b'], [2, '2'])] as const;
  assert.deepEqual(read('V1ObjectMeta', [11, labels[0]], [11, labels[1]]), { labels: { a: '1', b: '2' } });
  const extra = message([1, 'scopes'], [2, message([1, 'x'], [1, 'y'])]);
  assert.deepEqual(read('V1UserInfo', [4, extra]), { extra: { scopes: ['x', 'y'] } });
  assert.deepEqual(read('V1Secret', [2, message([1, 'k'], [2, 'text'])]), { data: { k: 'dGV4dA==' } });
  assert.deepEqual(read('V1ObjectMeta', [11, message([1, '__proto__'], [2, 'x'])]), { labels: {} });
});

test('structs that are embedded in others have their fields there', () => {
  const volume = message([1, 'v'], [2, message([19, message([1, message([1, 'settings'])])])]);
  assert.deepEqual(read('V1PodSpec', [1, volume]), { volumes: [{ name: 'v', configMap: { name: 'settings' } }] });
});

test('times, quantities and raw JSON have a form of their own', () => {
  const seconds = Date.parse('2026-01-02T03:04:05Z') / 1000;
  assert.deepEqual(read('V1ObjectMeta', [8, message([1, seconds], [2, 0])]), {
    creationTimestamp: '2026-01-02T03:04:05Z',
  });
  assert.deepEqual(read('V1ObjectMeta', [8, message()]), { creationTimestamp: null });
  assert.deepEqual(read('V1LeaseSpec', [4, message([1, seconds], [2, 6_000])]), {
    renewTime: '2026-01-02T03:04:05.000006Z',
  });
  const limits = message([1, 'cpu'], [2, message([1, '100m'])]);
  assert.deepEqual(read('V1ResourceRequirements', [1, limits]), { limits: { cpu: '100m' } });
  assert.deepEqual(read('V1ControllerRevision', [2, message([1, '{"a":[1]}'])]), { data: { a: [1] } });
});

test('negative numbers and packed lists of numbers are read', () => {
  assert.deepEqual(read('V1DeploymentSpec', [1, -1]), { replicas: -1 });
  const packed = Uint8Array.from([...varint(1n), ...varint(300n)]);
  assert.deepEqual(read('V1PodSecurityContext', [4, packed], [4, 7]), { supplementalGroups: [1, 300, 7] });
});

test('fields that nobody knows are left out', () => {
  assert.deepEqual(read('V1ServicePort', [1, 'a'], [999, 'new'], [998, 1]), { name: 'a' });
});

const malformed: Record<string, Uint8Array> = {
  'a text that ends too early': Uint8Array.from([10, 5, 97]),
  'a number without an end': Uint8Array.from([24, 0x80]),
  'a field without a number': Uint8Array.from([2, 0]),
  'a wire type that is none': Uint8Array.from([15]),
  'a number for a text': message([1, 5]),
  'a text for a number': message([3, 'x']),
};
for (const [what, bytes] of Object.entries(malformed)) {
  test(`${what} is refused`, () => {
    assert.throws(() => fromProtobuf(bytes, schemaFor('V1ServicePort')), MalformedProtobuf);
  });
}

test('all numbers are of fields that there are', () => {
  for (const model of ['V1Pod', 'V1PodSpec', 'V1Container', 'V1Service', 'V1Deployment', 'V1ConfigMap']) {
    const numbers = fieldNumbers(model);
    assert.ok(numbers);
    for (const [name, path] of numbers) {
      assert.ok(schemaFor(model).fields.has(name), `${model}.${name}`);
      assert.ok(path.length <= 2 && path.every((number) => number > 0));
    }
    const places = [...numbers.values()].map(String);
    assert.equal(new Set(places).size, places.length, `${model} has a number twice`);
  }
});
