import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyStrategicMerge } from './strategic-merge.ts';
import type { StrategicSchema } from './strategic-schema.ts';

/** Lists `byName` merge by name, lists `set` merge as sets, the map `whole` is replaced, all else is as it is by default. */
const schema: StrategicSchema = {
  field: (name) => ({
    merge: name === 'byName' || name === 'set',
    replace: name === 'whole',
    mergeKey: name === 'byName' ? 'name' : undefined,
    schema,
  }),
};
const apply = (target: object, patch: object): unknown => applyStrategicMerge(target, patch, schema);
const named = (...names: string[]) => ({ byName: names.map((name) => ({ name })) });

const cases: Record<string, { target: object; patch: object; result: object }> = {
  'lists of objects merge by their key': {
    target: { byName: [{ name: 'a', v: 1, w: 1 }] },
    patch: { byName: [{ name: 'a', v: 2 }] },
    result: { byName: [{ name: 'a', v: 2, w: 1 }] },
  },
  'new entries come first without an order': { target: named('a'), patch: named('b'), result: named('b', 'a') },
  '$setElementOrder orders entries, and what only the server has stays in place': {
    target: named('a', 'x', 'b'),
    patch: { '$setElementOrder/byName': [{ name: 'b' }, { name: 'c' }, { name: 'a' }], ...named('c') },
    result: named('x', 'b', 'c', 'a'),
  },
  '$patch delete removes an entry': {
    target: named('a', 'b'),
    patch: { byName: [{ name: 'a', $patch: 'delete' }] },
    result: named('b'),
  },
  '$patch replace in a list replaces it': {
    target: named('a', 'b'),
    patch: { byName: [{ $patch: 'replace' }, { name: 'c' }] },
    result: named('c'),
  },
  '$patch replace in a map replaces it': {
    target: { map: { a: 1, b: 2 } },
    patch: { map: { $patch: 'replace', c: 3 } },
    result: { map: { c: 3 } },
  },
  '$patch delete in a map empties it': {
    target: { map: { a: 1 } },
    patch: { map: { $patch: 'delete' } },
    result: { map: {} },
  },
  '$retainKeys drops the other members': {
    target: { map: { type: 'Rolling', rolling: {} } },
    patch: { map: { $retainKeys: ['type'], type: 'Recreate' } },
    result: { map: { type: 'Recreate' } },
  },
  'lists of primitives merge as sets': {
    target: { set: ['a'] },
    patch: { set: ['b', 'a'] },
    result: { set: ['b', 'a'] },
  },
  '$deleteFromPrimitiveList takes values out': {
    target: { set: ['a', 'b'] },
    patch: { '$deleteFromPrimitiveList/set': ['a'] },
    result: { set: ['b'] },
  },
  'null removes': { target: { a: 1, map: { b: 1 } }, patch: { a: null, map: { b: null } }, result: { map: {} } },
  'other lists are replaced': { target: { list: [1, 2] }, patch: { list: [3] }, result: { list: [3] } },
  'a map that the schema replaces is replaced': {
    target: { whole: { a: 1 } },
    patch: { whole: { b: 1 } },
    result: { whole: { b: 1 } },
  },
  'an order for a list that does not merge is not looked at': {
    target: { list: [1, 2] },
    patch: { '$setElementOrder/list': [2, 1], list: [3] },
    result: { list: [3] },
  },
  'directives and nulls do not get into new values': {
    target: {},
    patch: { map: { $patch: 'merge', a: null, b: { $retainKeys: ['c'], c: 1 } } },
    result: { map: { b: { c: 1 } } },
  },
};
for (const [what, { target, patch, result }] of Object.entries(cases)) {
  test(`strategic merge: ${what}`, () => assert.deepEqual(apply(target, patch), result));
}

const refused: Record<string, { patch: object; code: number }> = {
  'an unknown directive': { patch: { $patch: 'shuffle' }, code: 500 },
  'an entry without its key': { patch: { byName: [{ v: 1 }] }, code: 500 },
  'a member that $retainKeys leaves out': { patch: { map: { $retainKeys: ['a'], b: 1 } }, code: 422 },
  'a $retainKeys that is no list': { patch: { map: { $retainKeys: 'a' } }, code: 400 },
  'an order that the patch does not keep': {
    patch: { '$setElementOrder/byName': [{ name: 'a' }, { name: 'b' }], byName: [{ name: 'b' }, { name: 'a' }] },
    code: 500,
  },
  'an order that lacks what the patch adds': {
    patch: { '$setElementOrder/byName': [{ name: 'a' }], byName: [{ name: 'b' }] },
    code: 500,
  },
};
for (const [what, { patch, code }] of Object.entries(refused)) {
  test(`strategic merge refuses ${what} with ${code}`, () => {
    assert.throws(() => apply({ byName: [], map: {}, list: [] }, patch), { code });
  });
}

test('a strategic merge patch that is null changes nothing', () => {
  assert.deepEqual(applyStrategicMerge({ a: 1 }, null, schema), { a: 1 });
});
