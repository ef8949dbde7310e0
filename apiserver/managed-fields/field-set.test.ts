import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  difference,
  type FieldSet,
  hasPath,
  intersection,
  pathsOf,
  setOfPath,
  sorted,
  union,
  without,
} from './field-set.ts';
import { displayPath } from './path-element.ts';

/** A set of dotted paths. */
const set = (...paths: string[]): FieldSet =>
  paths.map((path) => setOfPath(path.split('.').map((name) => `f:${name}`))).reduce(union, {});
const paths = (fields: FieldSet): string[] => [...pathsOf(fields)].map((path) => displayPath(path).slice(1));

test('a set is written as Kubernetes writes it: a member with something inside has a dot', () => {
  assert.deepEqual(set('data', 'data.x', 'spec.replicas'), {
    'f:data': { '.': {}, 'f:x': {} },
    'f:spec': { 'f:replicas': {} },
  });
});

const algebra: Record<string, { of: FieldSet; is: FieldSet }> = {
  'a union has the members of both': { of: union(set('a.b'), set('a', 'c')), is: set('a', 'a.b', 'c') },
  'a union with a member that has nothing inside keeps what is inside': {
    of: union(set('a'), set('a.b')),
    is: set('a', 'a.b'),
  },
  'an intersection has what is in both': { of: intersection(set('a', 'a.b', 'c'), set('a.b', 'c.d')), is: set('a.b') },
  'what is inside a member is no member': { of: intersection(set('a'), set('a.b')), is: {} },
  'a difference takes out members and keeps what is inside': {
    of: difference(set('a', 'a.b'), set('a')),
    is: set('a.b'),
  },
  'a difference keeps a member that lost what was inside': {
    of: difference(set('a', 'a.b'), set('a.b')),
    is: set('a'),
  },
  'a difference drops elements that have nothing left': { of: difference(set('a.b', 'c'), set('a.b')), is: set('c') },
  'without takes out what is inside, too': { of: without(set('a', 'a.b.c', 'd'), set('a')), is: set('d') },
  'without a path leaves its neighbours': { of: without(set('a.b', 'a.c'), set('a.b')), is: set('a.c') },
};

for (const [what, { of, is }] of Object.entries(algebra)) {
  test(what, () => assert.equal(JSON.stringify(of), JSON.stringify(is)));
}

test('operations leave their operands alone, and share what did not change', () => {
  const a = set('a.b', 'c.d');
  const before = JSON.stringify(a);
  const less = difference(a, set('a.b'));
  union(a, set('x'));
  assert.equal(JSON.stringify(a), before);
  assert.equal(less['f:c'], a['f:c']);
  assert.equal(union(a, set('c.d')), a);
});

test('elements are in order: the dot, fields by name, keys and values by size', () => {
  const mixed = { 'f:b': {}, '.': {}, 'f:a': {} };
  assert.deepEqual(Object.keys(sorted(mixed)), ['.', 'f:a', 'f:b']);
  const keys = {
    'k:{"port":443,"protocol":"TCP"}': {},
    'k:{"port":80,"protocol":"UDP"}': {},
    'k:{"port":80,"protocol":"TCP"}': {},
  };
  assert.deepEqual(Object.keys(sorted(keys)), [
    'k:{"port":80,"protocol":"TCP"}',
    'k:{"port":80,"protocol":"UDP"}',
    'k:{"port":443,"protocol":"TCP"}',
  ]);
  assert.deepEqual(Object.keys(sorted({ 'v:10': {}, 'v:9': {} })), ['v:9', 'v:10']);
});

test('paths are listed level by level and shown to people', () => {
  assert.deepEqual(paths(set('a.b.c', 'a.d', 'b')), ['b', 'a.d', 'a.b.c']);
  const port = ['f:spec', 'f:ports', 'k:{"port":80,"protocol":"TCP"}', 'f:name'];
  assert.equal(displayPath(port), '.spec.ports[port=80,protocol="TCP"].name');
  assert.equal(displayPath(['f:finalizers', 'v:"x/y"']), '.finalizers[="x/y"]');
});

test('a path is in a set where it is a member', () => {
  assert.equal(hasPath(set('a.b'), ['f:a', 'f:b']), true);
  assert.equal(hasPath(set('a.b'), ['f:a']), false);
  assert.equal(hasPath(set('a', 'a.b'), ['f:a']), true);
});
