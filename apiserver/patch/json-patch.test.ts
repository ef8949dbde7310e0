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

const refused: Record<string, object> = {
  'a failing test': { op: 'test', path: '/a', value: 2 },
  'a test of what is missing': { op: 'test', path: '/x', value: 1 },
  'a test against null of what is there': { op: 'test', path: '/a', value: null },
  'a test within what is missing': { op: 'test', path: '/x/y', value: null },
  'an unknown operation': { op: 'jump', path: '/a' },
  'a parent that is missing': { op: 'add', path: '/x/y', value: 1 },
  'removing what is missing': { op: 'remove', path: '/x' },
  'an index with a leading zero': { op: 'replace', path: '/list/01', value: 1 },
  'an index out of bounds': { op: 'add', path: '/list/9', value: 1 },
  __proto__: { op: 'add', path: '/__proto__/polluted', value: 1 },
  constructor: { op: 'add', path: '/constructor/prototype/polluted', value: 1 },
  'prototype by move': { op: 'move', from: '/a', path: '/prototype/polluted' },
  'a pointer without its slash': { op: 'add', path: 'a', value: 1 },
};
for (const [what, operation] of Object.entries(refused)) {
  test(`a JSON patch with ${what} is refused with 422`, () => {
    assert.throws(() => apply({ a: 1, list: [1, 2] }, operation), { code: 422, reason: 'Invalid' });
    assert.equal(Reflect.get({}, 'polluted'), undefined);
  });
}

test('what is no list of operations is refused with 400', () => {
  assert.throws(() => applyJsonPatch({}, { op: 'add' }), { code: 400 });
});

test('a patch of too many operations is refused with 413', () => {
  const patch = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '', value: {} }));
  assert.throws(() => applyJsonPatch({}, patch), { code: 413 });
});

test('a patch may copy often, and not more than a body may hold', () => {
  const often = Array.from({ length: 200 }, (_, index) => ({ op: 'copy', from: '/a', path: `/copy${index}` }));
  assert.equal(Object.keys(applyJsonPatch({ a: 'x' }, often) as object).length, 201);
  const doubling = Array.from({ length: 40 }, () => ({ op: 'copy', from: '/list', path: '/list/-' }));
  assert.throws(() => applyJsonPatch({ list: ['x'.repeat(100)] }, doubling), { code: 422 });
});
