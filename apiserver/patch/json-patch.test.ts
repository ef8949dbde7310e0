import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyJsonPatch } from './json-patch.ts';

const apply = (target: object, ...patch: object[]): unknown => applyJsonPatch(target, patch);

test('a JSON patch applies all six operations to a copy', () => {
  const target = { a: '1', list: [1, 2], gone: true };
  const patch = [
    { op: 'test', path: '/a', value: '1' },
    { op: 'copy', from: '/a', path: '/b' },
    { op: 'move', from: '/a', path: '/c' },
    { op: 'replace', path: '/list/0', value: 9 },
    { op: 'add', path: '/list/-', value: 3 },
    { op: 'remove', path: '/gone' },
  ];
  assert.deepEqual(apply(target, ...patch), { b: '1', c: '1', list: [9, 2, 3] });
  assert.deepEqual(target, { a: '1', list: [1, 2], gone: true });
});

test('a JSON patch may replace a member that is missing, as kube-apiserver lets it', () => {
  assert.deepEqual(apply({ data: {} }, { op: 'replace', path: '/data/x', value: '1' }), { data: { x: '1' } });
});

test('a JSON patch may test that a member is missing', () => {
  const target = { data: { there: null } };
  for (const path of ['/none', '/data/none', '/data/there']) {
    assert.deepEqual(apply(target, { op: 'test', path, value: null }, { op: 'test', path }), target);
  }
});

test('a JSON patch counts indexes as Go does, negative ones from the end', () => {
  const list = ['a', 'b', 'c'];
  const results: Record<string, [object, unknown[]]> = {
    'a leading zero': [{ op: 'remove', path: '/list/01' }, ['a', 'c']],
    'the last removed': [{ op: 'remove', path: '/list/-1' }, ['a', 'b']],
    'the last replaced': [{ op: 'replace', path: '/list/-1', value: 'x' }, ['a', 'b', 'x']],
    'added behind the last': [{ op: 'add', path: '/list/-1', value: 'x' }, ['a', 'b', 'c', 'x']],
    'added before the first': [{ op: 'add', path: '/list/-4', value: 'x' }, ['x', 'a', 'b', 'c']],
  };
  for (const [what, [operation, expected]] of Object.entries(results)) {
    assert.deepEqual(apply({ list }, operation), { list: expected }, what);
  }
});

test('a JSON patch takes what is missing for null', () => {
  assert.deepEqual(apply({}, { op: 'add', path: '/a' }), { a: null });
  assert.deepEqual(apply({ a: 1 }, { op: 'replace', path: '/a' }), { a: null });
  assert.deepEqual(apply({}, { op: 'copy', from: '/none', path: '/a' }), { a: null });
  assert.deepEqual(applyJsonPatch({ a: 1 }, null), { a: 1 });
});

test('a JSON patch does not look at what stands before the first slash, nor for what objects inherit', () => {
  assert.deepEqual(apply({}, { op: 'add', path: 'x/a', value: 1 }), { a: 1 });
  assert.deepEqual(apply({ labels: {} }, { op: 'add', path: '/labels/constructor', value: 'x' }), {
    labels: { constructor: 'x' },
  });
});

const refused: Record<string, object> = {
  'a failing test': { op: 'test', path: '/a', value: 2 },
  'a test of what is missing': { op: 'test', path: '/x', value: 1 },
  'a test against null of what is there': { op: 'test', path: '/a', value: null },
  'a test within what is missing': { op: 'test', path: '/x/y', value: null },
  'an unknown operation': { op: 'jump', path: '/a' },
  'a parent that is missing': { op: 'add', path: '/x/y', value: 1 },
  'removing what is missing': { op: 'remove', path: '/x' },
  'an index that is no number': { op: 'replace', path: '/list/a', value: 1 },
  'a path of what is no list or map': { op: 'add', path: '/a/b', value: 1 },
  'a replaced end of a list': { op: 'replace', path: '/list/-', value: 1 },
  'a negative index out of bounds': { op: 'remove', path: '/list/-3' },
  'the whole document as its path': { op: 'replace', path: '', value: {} },
  'a move of what is missing': { op: 'move', from: '/x', path: '/y' },
  'an index out of bounds': { op: 'add', path: '/list/9', value: 1 },
  __proto__: { op: 'add', path: '/__proto__/polluted', value: 1 },
  constructor: { op: 'add', path: '/constructor/prototype/polluted', value: 1 },
  'prototype by move': { op: 'move', from: '/a', path: '/prototype/polluted' },
  'a pointer without a slash': { op: 'add', path: 'a', value: 1 },
  'no operation': {},
};
for (const [what, operation] of Object.entries(refused)) {
  test(`a JSON patch with ${what} is refused with 422`, () => {
    assert.throws(() => apply({ a: 1, list: [1, 2] }, operation), { code: 422, reason: 'Invalid' });
    assert.equal(Reflect.get({}, 'polluted'), undefined);
  });
}

test('what is no list of operations is refused with 400', () => {
  for (const patch of [{ op: 'add' }, 'add', [1], [[]]]) {
    assert.throws(() => applyJsonPatch({}, patch), { code: 400 }, JSON.stringify(patch));
  }
});

test('a patch of too many operations is refused with 413', () => {
  const patch = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/a' }));
  assert.throws(() => applyJsonPatch({}, patch), { code: 413 });
});

test('a patch may copy often, and not more than a body may hold', () => {
  const often = Array.from({ length: 200 }, (_, index) => ({ op: 'copy', from: '/a', path: `/copy${index}` }));
  assert.equal(Object.keys(applyJsonPatch({ a: 'x' }, often) as object).length, 201);
  const doubling = Array.from({ length: 40 }, () => ({ op: 'copy', from: '/list', path: '/list/-' }));
  assert.throws(() => applyJsonPatch({ list: ['x'.repeat(100)] }, doubling), { code: 422 });
});
