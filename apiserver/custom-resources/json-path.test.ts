import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JsonPath, membersOf } from './json-path.ts';

const object = {
  metadata: { name: 'n', annotations: { 'a.b/c': 'x' } },
  spec: {
    size: 3,
    list: [
      { n: 'a', v: 1 },
      { n: 'b', v: 2 },
      { n: 'c', v: 3 },
    ],
  },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Done', status: 'False' },
    ],
  },
};

const paths: Readonly<Record<string, readonly unknown[]>> = {
  '.spec.size': [3],
  '.spec.none.below': [],
  '.spec.list[1].n': ['b'],
  '.spec.list[-1].n': ['c'],
  '.spec.list[*].n': ['a', 'b', 'c'],
  '.spec.list[0:2].v': [1, 2],
  '.spec.list[9].n': [],
  '.metadata.annotations.a\\.b/c': ['x'],
  ".metadata.annotations['a\\.b/c']": ['x'],
  '.status.conditions[?(@.type=="Ready")].status': ['True'],
  ".status.conditions[?(@.type=='Done')].status": ['False'],
  '.spec.list[?(@.v>1)].n': ['b', 'c'],
  '.spec..n': ['a', 'b', 'c'],
  '.': [object],
};

test('paths lead to values', () => {
  for (const [path, found] of Object.entries(paths)) assert.deepEqual(JsonPath.parse(path)?.find(object), found, path);
});

test('what is no path is none', () => {
  for (const text of ['.spec[', '.spec.[?(x', 'spec', '.a b']) assert.equal(JsonPath.parse(text), undefined, text);
});

test('paths that only go down have names', () => {
  assert.deepEqual(membersOf(".spec.a['b.c']"), ['spec', 'a', 'b.c']);
  assert.equal(membersOf('.spec[0]'), undefined);
});
