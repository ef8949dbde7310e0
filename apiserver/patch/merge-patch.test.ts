import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyMergePatch } from './merge-patch.ts';

test('a merge patch merges maps, removes by null and replaces everything else', () => {
  const target = { a: { b: 1, c: 2 }, list: [1, 2], gone: 'x' };
  const patch = { a: { c: null, d: { e: null, f: 3 } }, list: [3], gone: null };
  assert.deepEqual(applyMergePatch(target, patch), { a: { b: 1, d: { f: 3 } }, list: [3] });
  assert.deepEqual(target.a, { b: 1, c: 2 });
});

test('a merge patch cannot reach a prototype', () => {
  applyMergePatch({}, JSON.parse('{"__proto__":{"polluted":1}}'));
  assert.equal(Reflect.get({}, 'polluted'), undefined);
});

test('a merge patch that is no object is refused with 400', () => {
  assert.throws(() => applyMergePatch({}, [1]), { code: 400 });
});
