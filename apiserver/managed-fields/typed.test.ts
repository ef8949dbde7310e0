import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf } from './check-config.ts';
import { compare } from './compare.ts';
import { pathsOf, setOfPath, union } from './field-set.ts';
import { fieldSetOf } from './field-set-of.ts';
import { merge } from './merge.ts';
import { displayPath } from './path-element.ts';
import { removeFields, withNamedFields } from './remove-fields.ts';
import { customResourceType, type StructuralSchema } from './structural-type.ts';

const text: StructuralSchema = { type: 'string' };
const part: StructuralSchema = {
  type: 'object',
  properties: { id: { ...text }, kind: { type: 'string', default: 'bolt' }, n: { type: 'integer' } },
};
/** A type that has every way of merging. */
const type = customResourceType({
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        size: { type: 'integer' },
        on: { type: 'boolean' },
        either: { 'x-kubernetes-int-or-string': true },
        labels: { type: 'object', additionalProperties: text },
        whole: { type: 'object', 'x-kubernetes-map-type': 'atomic', properties: { a: text, b: text } },
        list: { type: 'array', items: text },
        set: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
        parts: {
          type: 'array',
          items: part,
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['id', 'kind'],
        },
        open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        template: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { x: text } },
      },
    },
  },
});

const shown = (set: ReturnType<typeof fieldSetOf>): string => [...pathsOf(set)].map(displayPath).join(' ');
const spec = (value: object): object => ({ spec: value });

const owned: Record<string, { of: object; is: string }> = {
  'fields with a value': { of: { size: 1, on: true, either: '50%' }, is: '.spec.either .spec.on .spec.size' },
  'entries of maps': { of: { labels: { a: '1', b: '2' } }, is: '.spec.labels.a .spec.labels.b' },
  'empty maps': { of: { labels: {} }, is: '.spec.labels' },
  nulls: { of: { size: null, parts: null }, is: '.spec.parts .spec.size' },
  'atomic maps and lists as a whole': { of: { whole: { a: '1' }, list: ['x'] }, is: '.spec.list .spec.whole' },
  'members of sets': { of: { set: ['b', 'a'] }, is: '.spec.set[="a"] .spec.set[="b"]' },
  'entries of list maps and their fields': {
    of: { parts: [{ id: 'a', n: 1 }] },
    is: '.spec.parts[id="a",kind="bolt"] .spec.parts[id="a",kind="bolt"].id .spec.parts[id="a",kind="bolt"].n',
  },
  'what no schema tells of': {
    of: { open: { a: { b: 1 }, l: [1] } },
    is: '.spec.open.a .spec.open.l .spec.open.a.b',
  },
  'metadata inside': { of: { template: { metadata: { labels: { a: '1' } } } }, is: '.spec.template.metadata.labels.a' },
};

for (const [what, { of, is }] of Object.entries(owned)) {
  test(`who applies owns ${what}`, () => assert.equal(shown(fieldSetOf(spec(of), type)), is));
}

const compared: Record<string, { old: object; wanted: object; changed?: string; removed?: string }> = {
  'equal values': { old: { size: 1, parts: [{ id: 'a' }] }, wanted: { size: 1, parts: [{ id: 'a' }] } },
  'another value': { old: { size: 1 }, wanted: { size: 2 }, changed: '.spec.size' },
  'a new map, also as itself': { old: {}, wanted: { labels: { a: '1' } }, changed: '.spec.labels .spec.labels.a' },
  'an entry of a map': {
    old: { labels: { a: '1' } },
    wanted: { labels: { a: '1', b: '1' } },
    changed: '.spec.labels.b',
  },
  'a map that is gone': { old: { labels: { a: '1' } }, wanted: {}, removed: '.spec.labels .spec.labels.a' },
  'an atomic map': { old: { whole: { a: '1', b: '1' } }, wanted: { whole: { a: '1' } }, changed: '.spec.whole' },
  'an atomic list': { old: { list: ['a'] }, wanted: { list: ['a', 'b'] }, changed: '.spec.list' },
  'a set': {
    old: { set: ['a', 'b'] },
    wanted: { set: ['b', 'c'] },
    changed: '.spec.set[="c"]',
    removed: '.spec.set[="a"]',
  },
  'the order of a set': { old: { set: ['a', 'b'] }, wanted: { set: ['b', 'a'] } },
  'an entry of a list map': {
    old: { parts: [{ id: 'a', n: 1 }] },
    wanted: { parts: [{ id: 'a', n: 2 }] },
    changed: '.spec.parts[id="a",kind="bolt"].n',
  },
  'a null in place of a value': { old: { size: 1 }, wanted: { size: null }, changed: '.spec.size' },
  'an empty list in place of none': { old: {}, wanted: { parts: [] }, changed: '.spec.parts' },
  'entries that are there twice, as one': {
    old: { set: ['a', 'a'] },
    wanted: { set: ['a'] },
    changed: '.spec.set[="a"]',
    removed: '.spec.set[="a"]',
  },
  'another type where any may be': {
    old: { open: { x: 1 } },
    wanted: { open: { x: { y: 1 } } },
    changed: '.spec.open.x .spec.open.x.y',
  },
};

for (const [what, { old, wanted, changed = '', removed = '' }] of Object.entries(compared)) {
  test(`comparing finds ${what}`, () => {
    const found = compare(spec(old), spec(wanted), type);
    assert.deepEqual({ changed: shown(found.changed), removed: shown(found.removed) }, { changed, removed });
  });
}

const merged: Record<string, { live: object; config: object; is: object }> = {
  'values of the configuration win, and nothing goes': {
    live: { size: 1, labels: { a: '1' } },
    config: { size: 2, labels: { b: '2' } },
    is: { size: 2, labels: { a: '1', b: '2' } },
  },
  'atomic values are replaced': {
    live: { whole: { a: '1' }, list: ['a'] },
    config: { whole: { b: '1' }, list: ['b'] },
    is: { whole: { b: '1' }, list: ['b'] },
  },
  'list maps merge by their keys': {
    live: { parts: [{ id: 'a', kind: 'bolt', n: 1 }] },
    config: {
      parts: [
        { id: 'a', n: 2 },
        { id: 'a', kind: 'nut' },
      ],
    },
    is: {
      parts: [
        { id: 'a', kind: 'bolt', n: 2 },
        { id: 'a', kind: 'nut' },
      ],
    },
  },
  'new entries follow': { live: { set: ['b'] }, config: { set: ['a'] }, is: { set: ['b', 'a'] } },
  'shared entries are in the order of the configuration, the others stay around them': {
    live: { set: ['x', 'a', 'y', 'b', 'z'] },
    config: { set: ['b', 'a'] },
    is: { set: ['x', 'y', 'b', 'z', 'a'] },
  },
  'a null replaces': { live: { size: 1 }, config: { size: null }, is: { size: null } },
};

for (const [what, { live, config, is }] of Object.entries(merged)) {
  test(`in a merge ${what}`, () => assert.deepEqual(merge(spec(live), spec(config), type), spec(is)));
}

const set = (...paths: string[][]) => paths.map((path) => setOfPath(['f:spec', ...path])).reduce(union, {});

test('removing takes entries out of maps, sets and list maps, and leaves atomic values whole', () => {
  const object = spec({ labels: { a: '1', b: '1' }, set: ['a', 'b'], parts: [{ id: 'a', n: 1 }, { id: 'b' }] });
  const removed = set(
    ['f:labels', 'f:a'],
    ['f:set', 'v:"a"'],
    ['f:parts', 'k:{"id":"a","kind":"bolt"}', 'f:n'],
    ['f:parts', 'k:{"id":"b","kind":"bolt"}'],
  );
  assert.deepEqual(removeFields(object, removed, type), spec({ labels: { b: '1' }, set: ['b'], parts: [{ id: 'a' }] }));
});

test('what is declared by name belongs to what is inside', () => {
  assert.equal(shown(withNamedFields(set(['f:labels', 'f:a']), type)), '.spec .spec.labels .spec.labels.a');
});

const faulty: Record<string, { config: object; fault: string }> = {
  'a field that is not declared': { config: { nope: 1 }, fault: '.spec.nope: field not declared in schema' },
  'text for a number': { config: { size: '1' }, fault: '.spec.size: expected numeric (int or float), got string' },
  'a number for text': { config: { labels: { a: 1 } }, fault: '.spec.labels.a: expected string, got 1' },
  'a number for a boolean': { config: { on: 1 }, fault: '.spec.on: expected boolean, got 1' },
  'a map for a list': { config: { list: {} }, fault: '.spec.list: expected list, got {}' },
  'a list for a map': { config: { labels: [] }, fault: '.spec.labels: expected map, got []' },
  'entries twice': {
    config: { parts: [{ id: 'a' }, { id: 'a', kind: 'bolt' }] },
    fault: '.spec.parts: duplicate entries for key [id="a",kind="bolt"]',
  },
  'an entry without its key': {
    config: { parts: [{ n: 1 }] },
    fault:
      '.spec.parts: element 0: associative list with keys has an element that omits key field "id" (and doesn\'t have default value)',
  },
};

for (const [what, { config, fault }] of Object.entries(faulty)) {
  test(`a configuration with ${what} is not of the type`, () =>
    assert.deepEqual(faultsOf(spec(config), type), [fault]));
}

test('a configuration of the type has no faults', () => {
  const config = {
    size: 1,
    on: true,
    either: 3,
    labels: { a: '1' },
    set: ['a'],
    parts: [{ id: 'a' }],
    open: { x: [{}] },
  };
  assert.deepEqual(faultsOf({ apiVersion: 'x/v1', kind: 'X', metadata: { name: 'a' }, ...spec(config) }, type), []);
});

test('without a schema everything may be there', () => {
  const open = customResourceType(undefined);
  assert.deepEqual(faultsOf({ metadata: { name: 'a' }, spec: { x: [1] }, more: 1 }, open), []);
  assert.equal(
    shown(fieldSetOf({ metadata: { labels: { a: '1' } }, spec: { x: [1] } }, open)),
    '.spec .metadata.labels.a .spec.x',
  );
});
