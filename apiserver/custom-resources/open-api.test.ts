import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindOf } from './custom-kind.ts';
import type { Definition } from './definition/definition.ts';
import { openApiSchemas } from './open-api.ts';
import type { JsonSchema } from './schema/json-schema.ts';
import { definitionOf } from './testing.ts';

const text: JsonSchema = { type: 'string' };
const integer: JsonSchema = { type: 'integer' };
const preserved = { 'x-kubernetes-preserve-unknown-fields': true } as const;
const flexible = { 'x-kubernetes-int-or-string': true } as const;
const either = [integer, text];

/** How a property is published, in OpenAPI 3.0 and in 2.0. */
const cases: Readonly<Record<string, readonly [given: JsonSchema, v3: object, v2: object]>> = {
  'rules of values': [
    { ...text, pattern: 'a', enum: ['a'], default: 'a', example: 'a', format: 'byte' },
    { type: 'string', pattern: 'a', enum: ['a'], default: 'a', format: 'byte' },
    { type: 'string', pattern: 'a', enum: ['a'], format: 'byte' },
  ],
  'numbers or texts': [flexible, { ...flexible, anyOf: either }, flexible],
  'numbers or texts, which say so': [{ ...flexible, anyOf: either }, { ...flexible, anyOf: either }, flexible],
  'numbers or texts with alternatives': [
    { ...flexible, anyOf: [{ maximum: 1 }] },
    { ...flexible, anyOf: [{ maximum: 1 }], allOf: [{ anyOf: either }] },
    flexible,
  ],
  'alternatives and rules': [
    { ...integer, oneOf: [{ maximum: 1 }], not: { enum: [0] }, 'x-kubernetes-validations': [{ rule: 'self > 1' }] },
    { ...integer, oneOf: [{ maximum: 1 }], not: { enum: [0] }, 'x-kubernetes-validations': [{ rule: 'self > 1' }] },
    { ...integer, 'x-kubernetes-validations': [{ rule: 'self > 1' }] },
  ],
  'what may be null': [
    { type: 'object', nullable: true, properties: { a: text }, required: ['a'] },
    { type: 'object', nullable: true, properties: { a: text }, required: ['a'] },
    { required: ['a'] },
  ],
  'members that may be null': [
    { type: 'object', properties: { a: { ...text, nullable: true } }, required: ['a'] },
    { type: 'object', properties: { a: { ...text, nullable: true } }, required: ['a'] },
    { type: 'object', properties: { a: {} } },
  ],
  'an open object': [
    { type: 'object', properties: { a: text }, ...preserved },
    { type: 'object', properties: { a: text }, ...preserved },
    preserved,
  ],
  'a list of anything': [
    { type: 'array', items: preserved, 'x-kubernetes-list-type': 'atomic' },
    { type: 'array', items: preserved, 'x-kubernetes-list-type': 'atomic' },
    { type: 'array', items: preserved, 'x-kubernetes-list-type': 'atomic' },
  ],
};

test('properties are published as upstream does', () => {
  for (const [what, [given, v3, v2]] of Object.entries(cases)) {
    const definition = definitionOf('Thing', {
      schema: { type: 'object', properties: { given } },
    }) as unknown as Definition; // a definition that validation accepts
    const [version] = definition.spec.versions;
    assert.ok(version);
    const kind = kindOf(definition, version);
    for (const [dialect, wanted] of [
      ['v3', v3],
      ['v2', v2],
    ] as const) {
      const schema = openApiSchemas(kind, version, dialect)[kind.model] as { properties: Record<string, object> };
      assert.deepEqual(schema.properties['given'], wanted, `${what} in ${dialect}`);
      assert.deepEqual(Object.keys(schema.properties), ['given', 'apiVersion', 'kind', 'metadata']);
    }
  }
});

test('embedded resources have the fields of resources, unless clients would take them for all', () => {
  const embedded = { type: 'object', 'x-kubernetes-embedded-resource': true } as const;
  const properties = { closed: { ...embedded, properties: { spec: text } }, open: { ...embedded, ...preserved } };
  const definition = definitionOf('Thing', { schema: { type: 'object', properties } }) as unknown as Definition; // likewise
  const [version] = definition.spec.versions;
  assert.ok(version);
  const kind = kindOf(definition, version);
  const fields = (dialect: 'v2' | 'v3', name: string): string[] => {
    const schema = openApiSchemas(kind, version, dialect)[kind.model] as {
      properties: Record<string, { properties?: object; required?: string[] }>;
    };
    const { properties = {}, required = [] } = schema.properties[name] ?? {};
    return [...Object.keys(properties), ...required];
  };
  const added = ['apiVersion', 'kind', 'metadata', 'kind', 'apiVersion'];
  assert.deepEqual(fields('v3', 'closed'), ['spec', ...added]);
  assert.deepEqual(fields('v2', 'closed'), ['spec', ...added]);
  assert.deepEqual(fields('v3', 'open'), added);
  assert.deepEqual(fields('v2', 'open'), []);
});

test('of an open root, 2.0 says nothing but that it is an object', () => {
  const definition = definitionOf('Thing', { schema: { type: 'object', ...preserved } }) as unknown as Definition; // likewise
  const [version] = definition.spec.versions;
  assert.ok(version);
  const kind = kindOf(definition, version);
  const gvk = [{ group: 'example.com', kind: 'Thing', version: 'v1' }];
  assert.deepEqual(openApiSchemas(kind, version, 'v2')[kind.model], {
    type: 'object',
    'x-kubernetes-group-version-kind': gvk,
  });
});
