import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonSchema, ValidationRule } from '../schema/json-schema.ts';
import { compileRules, ruleFaults } from './rules.ts';

const text: JsonSchema = { type: 'string' };
const integer: JsonSchema = { type: 'integer' };

/** Properties of every type that rules can look at. */
const properties: Readonly<Record<string, JsonSchema>> = {
  size: integer,
  ratio: { type: 'number' },
  on: { type: 'boolean' },
  name: text,
  'a-b': text,
  port: { 'x-kubernetes-int-or-string': true },
  since: { type: 'string', format: 'date-time' },
  wait: { type: 'string', format: 'duration' },
  tags: { type: 'array', items: text },
  labels: { type: 'object', additionalProperties: text },
  parts: {
    type: 'array',
    items: { type: 'object', properties: { id: text, n: integer, note: text } },
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['id'],
  },
  inner: { type: 'object', properties: { a: integer } },
};

function withRules(...rules: (string | ValidationRule)[]): JsonSchema {
  const written = rules.map((rule) => (typeof rule === 'string' ? { rule } : rule));
  return { type: 'object', properties: { spec: { type: 'object', properties, 'x-kubernetes-validations': written } } };
}

const spec = {
  size: 3,
  ratio: 0.5,
  on: true,
  name: 'abc',
  'a-b': 'dash',
  port: '80%',
  since: '2024-01-01T00:00:00Z',
  wait: '90s',
  tags: ['a', 'b'],
  labels: { x: '1', 'y.z': '2' },
  parts: [
    { id: 'p', n: 1 },
    { id: 'q', n: 2 },
  ],
  inner: { a: 1 },
};

const holding = [
  'self.size > 2 && self.size <= 3',
  'self.ratio < 1.0',
  'self.on ? self.name.startsWith("a") : true',
  'self.a__dash__b == "dash"',
  'type(self.port) == string && self.port.endsWith("%")',
  'self.since < timestamp("2025-01-01T00:00:00Z")',
  'self.wait == duration("1m30s")',
  'self.tags.all(tag, tag in ["a", "b"]) && self.tags.size() == 2',
  '"y.z" in self.labels && self.labels["x"] == "1"',
  'self.parts.exists(p, p.id == "q" && p.n == 2)',
  'self.parts.map(p, p.n).sum() == 3 && self.parts.map(p, p.n).max() == 2',
  'self.tags.isSorted() && self.tags.indexOf("b") == 1',
  'has(self.inner) && has(self.inner.a)',
  '!has(self.inner.a) || self.inner.a == 1',
  'self.name.matches("^[a-c]+$") && self.name.find("b") == "b"',
  'self.name.upperAscii() == "ABC" && "a,b".split(",").join("-") == "a-b"',
  'url("https://example.com:8080/a?q=1").getHost() == "example.com:8080"',
  'isURL("https://example.com") && !isURL("no url")',
  'ip("10.0.0.1").family() == 4 && cidr("10.0.0.0/8").containsIP("10.1.2.3")',
  '!cidr("10.0.0.0/8").containsIP(ip("11.0.0.1"))',
  'quantity("1Gi").isGreaterThan(quantity("1M")) && quantity("1000m").compareTo(quantity("1")) == 0',
  'sets.contains(self.tags, ["a"]) && !sets.intersects(self.tags, ["z"])',
  '"%s-%d".format(["a", 1]) == "a-1"',
  'self.inner == self.inner && self.parts == self.parts',
  'has(self.parts[0].id) && !has(self.parts.filter(p, p.n == 1)[0].note)',
  'self.inner != null && !(null == self.inner)',
  'self.labels.all(key, value, key != value) && self.tags.exists(i, tag, i == 1 && tag == "b")',
  'self.parts.existsOne(i, p, p.n == i + 1 && i == 0) && self.parts.existsOne(p, p.n == 2)',
  'self.tags.transformList(i, tag, tag + string(i)) == ["a0", "b1"]',
  'self.tags.transformList(i, tag, i > 0, tag + "!") == ["b!"]',
  'self.labels.transformMap(key, value, key == "x", value + "!") == {"x": "1!"}',
  'self.?name.optMap(n, n.size()).orValue(0) == 3 && !self.?inner.optFlatMap(i, i.?b).hasValue()',
  'optional.ofNonZeroValue("").orValue("none") == "none" && optional.ofNonZeroValue([1]).hasValue()',
  'quantity("1k").add(quantity("1")).asInteger() == 1001 && quantity("1k").sub(1).asInteger() == 999',
  '!quantity("1.5").isInteger() && quantity("500m").asApproximateFloat() == 0.5 && quantity("-1").sign() == -1',
  'ip.isCanonical("::1") && !ip.isCanonical("::0001") && string(ip("0::1")) == "::1"',
  'ip("ff02::1").isLinkLocalMulticast() && !ip("10.0.0.1").isLinkLocalMulticast()',
  'cidr("10.1.2.3/8").masked() == cidr("10.0.0.0/8") && string(cidr("2001:db8::1/32").masked()) == "2001:db8::/32"',
  'string(self.since) == "2024-01-01T00:00:00Z" && int(self.since) == 1704067200 && string(self.wait) == "90s"',
  '!format.dns1123Label().validate("fine").hasValue() && format.dns1123Label().validate("Not fine").hasValue()',
  '!format.dns1123LabelPrefix().validate("a-").hasValue() && format.named("uuid").hasValue() && !format.named("x").hasValue()',
  'semver("1.2.3").isLessThan(semver("1.10.0")) && semver("1.0.0-a.1").compareTo(semver("1.0.0")) == -1',
  'isSemver("1.0.0+b") && !isSemver("1.0") && isSemver("v1.0", true) && semver("v01.2", true).minor() == 2',
  'strings.quote("a\\"b") == "\\"a\\\\\\"b\\"" && "%e".format([1000.0]) == "1.000000e+03"',
];

test('rules see values in their types, and Kubernetes’ functions', () => {
  for (const rule of holding) {
    const schema = withRules(rule);
    const inner = schema.properties?.['spec'] ?? {};
    const [compiled] = compileRules(inner, { resource: false }).rules;
    assert.equal(compiled?.fault, undefined, rule);
    assert.deepEqual(ruleFaults({ spec }, schema), [], rule);
  }
});

test('rules that cannot be right do not compile', () => {
  const wrong = [
    ...['self.none == 1', 'self.size ==', 'self.size', 'self.name > 1', 'unknown(self)', 'other == 1'],
    ...['has(self.none)', 'has(self.size.none)', 'has(self)', 'self.parts.all(i, p, p.none == i)'],
    ...['math.greatest(self.size, 2) == 3', 'cel.bind(n, self.size, n == 3)', '"a".reverse() == "a"'],
    ...['self.name.matches("[")', 'duration("long") == self.wait', 'self.since > timestamp("2024")'],
  ];
  for (const rule of wrong) {
    const inner = withRules(rule).properties?.['spec'] ?? {};
    assert.ok(compileRules(inner, { resource: false }).rules[0]?.fault, rule);
  }
});

test('a rule that does not hold says so by its message, expression, reason and path', () => {
  const rules: ValidationRule[] = [
    { rule: 'self.size < 3' },
    { rule: 'self.size < 3', message: 'too large' },
    { rule: 'self.size < 3', messageExpression: '"is " + string(self.size)' },
    { rule: 'self.size < 3', message: 'kept', messageExpression: 'self.labels["none"]' },
    { rule: 'self.size < 3', reason: 'FieldValueForbidden', fieldPath: '.inner.a' },
    { rule: 'self.size < 3', reason: 'FieldValueRequired', fieldPath: ".labels['y.z']" },
    { rule: 'self.labels["none"] == "x"', message: 'm' },
  ];
  const faults = ruleFaults({ spec }, withRules(...rules));
  assert.deepEqual(
    faults.map(({ reason, field, message }) => `${field} ${reason} ${message}`),
    [
      'spec FieldValueInvalid Invalid value: failed rule: self.size < 3',
      'spec FieldValueInvalid Invalid value: too large',
      'spec FieldValueInvalid Invalid value: is 3',
      'spec FieldValueInvalid Invalid value: kept',
      'spec.inner.a FieldValueForbidden Forbidden: failed rule: self.size < 3',
      'spec.labels[y.z] FieldValueRequired Required value: failed rule: self.size < 3',
      'spec FieldValueInvalid Invalid value: "object": no such key: none evaluating rule: m',
    ],
  );
});

test('rules about the past run on updates of what can be told to be the same', () => {
  const part: JsonSchema = {
    type: 'object',
    properties: { id: text, n: integer },
    'x-kubernetes-validations': [{ rule: 'self.n >= oldSelf.n' }],
  };
  const keyed = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['id'] };
  const schema: JsonSchema = {
    type: 'object',
    properties: {
      fixed: { ...text, 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'is immutable' }] },
      parts: { type: 'array', items: part, ...keyed },
      first: {
        ...integer,
        'x-kubernetes-validations': [{ rule: 'oldSelf.hasValue() || self == 0', optionalOldSelf: true }],
      },
    },
  };
  const before = { value: { fixed: 'a', parts: [{ id: 'x', n: 5 }] } };
  const paths = (value: object): (string | undefined)[] =>
    ruleFaults(value, schema, { before }).map(({ field }) => field);
  assert.deepEqual(
    paths({
      fixed: 'a',
      parts: [
        { id: 'y', n: 1 },
        { id: 'x', n: 6 },
      ],
    }),
    [],
  );
  assert.deepEqual(
    paths({
      fixed: 'b',
      parts: [
        { id: 'y', n: 1 },
        { id: 'x', n: 4 },
      ],
    }),
    ['fixed', 'parts[1]'],
  );
  assert.deepEqual(ruleFaults({ fixed: 'new' }, schema), []);
  assert.deepEqual(paths({ first: 1 }), ['first']);
  assert.deepEqual(paths({ first: 0 }), []);
});

test('rules do not look at the order of what has none', () => {
  const part: JsonSchema = {
    type: 'object',
    properties: { id: text, tags: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' } },
  };
  const keyed = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['id'] };
  const schema: JsonSchema = {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: { parts: { type: 'array', items: part, ...keyed }, list: { type: 'array', items: text } },
        'x-kubernetes-validations': [{ rule: 'self == oldSelf' }],
      },
    },
  };
  const a = { id: 'a', tags: ['x', 'y'] };
  const b = { id: 'b' };
  const before = { value: { spec: { parts: [a, b], list: ['x', 'y'] } } };
  const paths = (spec: object): string[] => ruleFaults({ spec }, schema, { before }).map(({ field = '' }) => field);
  assert.deepEqual(paths({ parts: [b, { id: 'a', tags: ['y', 'x'] }], list: ['x', 'y'] }), []);
  assert.deepEqual(paths({ parts: [b, a], list: ['y', 'x'] }), ['spec']);
  assert.deepEqual(paths({ parts: [b, { id: 'a', tags: ['y', 'z'] }], list: ['x', 'y'] }), ['spec']);
  assert.deepEqual(paths({ parts: [b], list: ['x', 'y'] }), ['spec']);
});

test('a rule at the root sees names, and none runs on what an update leaves alone', () => {
  const schema: JsonSchema = {
    type: 'object',
    properties: {
      spec: { type: 'object', properties: { n: { ...integer, 'x-kubernetes-validations': [{ rule: 'self > 5' }] } } },
    },
    'x-kubernetes-validations': [{ rule: 'self.metadata.name.startsWith("ok")' }],
  };
  const object = (name: string, n: number): object => ({
    apiVersion: 'v1',
    kind: 'X',
    metadata: { name },
    spec: { n },
  });
  assert.deepEqual(ruleFaults(object('ok', 6), schema), []);
  assert.deepEqual(
    ruleFaults(object('no', 1), schema).map(({ field }) => field),
    ['<nil>', 'spec.n'],
  );
  const before = { value: { ...object('no', 1), spec: { n: 1 } } };
  assert.deepEqual(
    ruleFaults({ ...object('no', 1), spec: { n: 1, m: 2 } }, schema, { before }).map(({ field }) => field),
    ['<nil>'],
  );
});

test('what was wrong before an update warns, unless rules look at the past or fail', () => {
  const schema: JsonSchema = {
    type: 'object',
    properties: {
      a: { ...integer, 'x-kubernetes-validations': [{ rule: 'self > 5', message: 'is too small' }] },
      b: { type: 'array', items: { ...integer, 'x-kubernetes-validations': [{ rule: 'self > 5' }] } },
      c: { ...integer, 'x-kubernetes-validations': [{ rule: 'self > oldSelf' }] },
      d: { ...integer, 'x-kubernetes-validations': [{ rule: '1 / self > 0' }] },
      e: text,
    },
  };
  const was = { a: 1, b: [2], c: 3, d: 0, e: 'x' };
  const warnings: string[] = [];
  const warn = (message: string): unknown => warnings.push(message);
  const judge = (value: object): (string | undefined)[] =>
    ruleFaults(value, schema, { before: { value: was }, warn }).map(({ field }) => field);
  assert.deepEqual(judge({ ...was, e: 'y' }), ['c', 'd']);
  assert.deepEqual(warnings, ['a: Invalid value: 1: is too small', 'b[0]: Invalid value: 2: failed rule: self > 5']);
  warnings.length = 0;
  assert.deepEqual(judge({ ...was, a: 2, b: [2, 9], c: 4, d: 1 }), ['a', 'b[0]']);
  assert.deepEqual(warnings, []);
});
