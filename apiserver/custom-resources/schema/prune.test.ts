import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyDefaults } from './defaults.ts';
import type { Json, JsonSchema } from './json-schema.ts';
import { prune } from './prune.ts';

const text: JsonSchema = { type: 'string' };

const pruned: Readonly<Record<string, { spec: JsonSchema; given: Json; left: Json; unknown: string[] }>> = {
  'fields that no schema names': {
    spec: { type: 'object', properties: { a: text } },
    given: { a: '1', b: 2, c: { d: 1 } },
    left: { a: '1' },
    unknown: ['spec.b', 'spec.c'],
  },
  'fields in lists and maps': {
    spec: {
      type: 'object',
      properties: {
        list: { type: 'array', items: { type: 'object', properties: { a: text } } },
        map: { type: 'object', additionalProperties: { type: 'object', properties: { a: text } } },
      },
    },
    given: { list: [{ a: '1', b: 1 }], map: { x: { a: '1', c: 1 } } },
    left: { list: [{ a: '1' }], map: { x: { a: '1' } } },
    unknown: ['spec.list[0].b', 'spec.map.x.c'],
  },
  'nothing where unknown fields are preserved, but what a schema names there': {
    spec: {
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
      properties: { known: { type: 'object', properties: { a: text } } },
    },
    given: { any: { b: [{ c: 1 }] }, known: { a: '1', b: 1 } },
    left: { any: { b: [{ c: 1 }] }, known: { a: '1' } },
    unknown: ['spec.known.b'],
  },
  'embedded resources but for what all resources have': {
    spec: {
      type: 'object',
      properties: { template: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { a: text } } },
    },
    given: { template: { apiVersion: 'v1', kind: 'X', metadata: { name: 'n', odd: 1 }, a: '1', b: 1 } },
    left: { template: { apiVersion: 'v1', kind: 'X', metadata: { name: 'n' }, a: '1' } },
    unknown: ['spec.template.metadata.odd', 'spec.template.b'],
  },
};

for (const [what, { spec, given, left, unknown }] of Object.entries(pruned)) {
  test(`pruning removes ${what}`, () => {
    const object = { apiVersion: 'v1', kind: 'X', metadata: { name: 'n' }, spec: structuredClone(given) };
    const found = prune(object, { type: 'object', properties: { spec } });
    assert.deepEqual(object.spec, left);
    assert.deepEqual(found.unknown, unknown);
  });
}

test('metadata of a wrong type is told of, and no prototype is reached', () => {
  const object = { metadata: { labels: { a: 1 } } };
  assert.match(prune(object, { type: 'object' }).wrong ?? '', /cannot unmarshal number/);
  const evil = JSON.parse('{"spec":{"__proto__":{"polluted":true}}}') as Json;
  prune(evil, { type: 'object', 'x-kubernetes-preserve-unknown-fields': true });
  assert.equal(Object.getPrototypeOf(evil['spec']), Object.prototype);
});

const defaults: Readonly<Record<string, { schema: JsonSchema; given: Json; result: Json }>> = {
  'of fields that are absent': {
    schema: { type: 'object', properties: { a: { ...text, default: 'x' }, b: { ...text, default: 'y' } } },
    given: { a: 'given' },
    result: { a: 'given', b: 'y' },
  },
  'of objects, and then inside of them': {
    schema: {
      type: 'object',
      properties: { o: { type: 'object', default: {}, properties: { a: { ...text, default: 'x' } } } },
    },
    given: {},
    result: { o: { a: 'x' } },
  },
  'only inside of objects that are there': {
    schema: { type: 'object', properties: { o: { type: 'object', properties: { a: { ...text, default: 'x' } } } } },
    given: {},
    result: {},
  },
  'in lists and maps': {
    schema: {
      type: 'object',
      properties: {
        list: { type: 'array', items: { type: 'object', properties: { a: { type: 'integer', default: 1 } } } },
        map: {
          type: 'object',
          additionalProperties: { type: 'object', properties: { a: { type: 'integer', default: 2 } } },
        },
      },
    },
    given: { list: [{}, { a: 5 }], map: { x: {} } },
    result: { list: [{ a: 1 }, { a: 5 }], map: { x: { a: 2 } } },
  },
  'in place of nulls, which go where they may not be': {
    schema: {
      type: 'object',
      properties: {
        withDefault: { ...text, default: 'x' },
        without: text,
        nullable: { ...text, nullable: true, default: 'x' },
      },
    },
    given: { withDefault: null, without: null, nullable: null },
    result: { withDefault: 'x', nullable: null },
  },
};

for (const [what, { schema, given, result }] of Object.entries(defaults)) {
  test(`there are defaults ${what}`, () => {
    const object = structuredClone(given);
    applyDefaults(object, schema);
    assert.deepEqual(object, result);
  });
}
