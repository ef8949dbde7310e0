import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cloneJson, jsonEqual } from './json-value.ts';

test('a copy of a JSON value shares nothing with it', () => {
  const value = { a: [1, { b: null }], c: 'text', d: true };
  const copy = cloneJson(value);
  assert.deepEqual(copy, value);
  copy.a.push(2);
  assert.equal(value.a.length, 2);
});

test('a copy has no prototype from a member of that name', () => {
  const copy = cloneJson(JSON.parse('{"__proto__":{"polluted":1}}'));
  assert.equal(Reflect.get(copy, 'polluted'), undefined);
});

const different: Record<string, [unknown, unknown]> = {
  numbers: [1, 2],
  types: [1, '1'],
  'null and a map': [null, {}],
  'a list and a map': [[], {}],
  lengths: [[1], [1, 2]],
  'a member more': [{ a: 1 }, { a: 1, b: 1 }],
  'a member less': [{ a: 1, b: 1 }, { a: 1 }],
  'names of members': [{ a: 1 }, { b: 1 }],
  'something deep inside': [{ a: [{ b: 1 }] }, { a: [{ b: 2 }] }],
};

for (const [what, [a, b]] of Object.entries(different)) {
  test(`JSON values that differ in ${what} are not equal`, () => {
    assert.equal(jsonEqual(a, b), false);
    assert.equal(jsonEqual(a, structuredClone(a)), true);
  });
}

test('the order of members makes no difference, that of lists does', () => {
  assert.equal(jsonEqual({ a: 1, b: 2 }, { b: 2, a: 1 }), true);
  assert.equal(jsonEqual([1, 2], [2, 1]), false);
});
