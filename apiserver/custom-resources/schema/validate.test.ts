import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatusCause } from '@skiff/api/status';
import { validateEmbedded } from './embedded.ts';
import type { JsonSchema } from './json-schema.ts';
import { validateListTypes } from './list-types.ts';
import { validateValue } from './validate.ts';

interface Case {
  readonly schema: JsonSchema;
  readonly accepted: readonly unknown[];
  /** Values, and what is wrong with each: the reason without `FieldValue`, and the path inside. */
  readonly refused: readonly (readonly [value: unknown, ...wrong: string[]])[];
}

const text: JsonSchema = { type: 'string' };
const integer: JsonSchema = { type: 'integer' };
const format = (name: string): JsonSchema => ({ type: 'string', format: name });

const cases: Readonly<Record<string, Case>> = {
  string: {
    schema: text,
    accepted: ['', 'a'],
    refused: [
      [1, 'TypeInvalid'],
      [null, 'TypeInvalid'],
      [[], 'TypeInvalid'],
    ],
  },
  integer: {
    schema: integer,
    accepted: [0, -1, 2 ** 40],
    refused: [
      [1.5, 'TypeInvalid'],
      ['1', 'TypeInvalid'],
    ],
  },
  number: { schema: { type: 'number' }, accepted: [1, 1.5], refused: [['1', 'TypeInvalid']] },
  boolean: {
    schema: { type: 'boolean' },
    accepted: [true, false],
    refused: [
      [0, 'TypeInvalid'],
      ['true', 'TypeInvalid'],
    ],
  },
  nullable: { schema: { ...text, nullable: true }, accepted: [null, 'a'], refused: [[1, 'TypeInvalid']] },
  'int or string': {
    schema: { 'x-kubernetes-int-or-string': true },
    accepted: [1, '50%'],
    refused: [
      [1.5, 'TypeInvalid'],
      [true, 'TypeInvalid'],
    ],
  },
  enum: { schema: { ...text, enum: ['a', 'b'] }, accepted: ['a'], refused: [['c', 'NotSupported']] },
  pattern: { schema: { ...text, pattern: '^[a-z]+$' }, accepted: ['abc'], refused: [['A1', 'Invalid']] },
  'a pattern with flags of RE2': {
    schema: { ...text, pattern: '(?i)^[[:alpha:]]+\\z' },
    accepted: ['aBc'],
    refused: [['1', 'Invalid']],
  },
  lengths: {
    schema: { ...text, minLength: 2, maxLength: 3 },
    accepted: ['ab', '🦊🦊🦊'],
    refused: [
      ['a', 'Invalid'],
      ['abcd', 'TooLong'],
    ],
  },
  'a text of which two things are wrong': {
    schema: { ...text, maxLength: 3, pattern: '^[a-z]+$' },
    accepted: ['abc'],
    refused: [['ABCD', 'TooLong']],
  },
  'an enum that is nullable': {
    schema: { ...text, nullable: true, enum: ['a'] },
    accepted: ['a'],
    refused: [[null, 'NotSupported']],
  },
  'an object with too many members': {
    schema: { type: 'object', additionalProperties: text, maxProperties: 1, required: ['c'] },
    accepted: [{ c: '' }],
    refused: [[{ a: 1, b: 1 }, 'TooMany']],
  },
  'alternatives, of which the one that fits best is told of': {
    schema: {
      type: 'object',
      properties: { kind: text, size: integer },
      oneOf: [
        { properties: { kind: { enum: ['a'] }, size: { maximum: 3 } }, required: ['name'] },
        { properties: { kind: { enum: ['b'] } }, required: ['size'] },
      ],
    },
    accepted: [{ kind: 'b', size: 9 }],
    refused: [
      [{ kind: 'c' }, 'Invalid <nil>', 'Required name', 'NotSupported kind'],
      [{ kind: 'a', size: 9 }, 'Invalid <nil>', 'Required name', 'Invalid size'],
    ],
  },
  bounds: {
    schema: { ...integer, minimum: 0, maximum: 10, multipleOf: 5 },
    accepted: [0, 5, 10],
    refused: [
      [-5, 'Invalid'],
      [15, 'Invalid'],
      [3, 'Invalid'],
    ],
  },
  'exclusive bounds': {
    schema: { type: 'number', minimum: 0, exclusiveMinimum: true, maximum: 1, exclusiveMaximum: true },
    accepted: [0.5],
    refused: [
      [0, 'Invalid'],
      [1, 'Invalid'],
    ],
  },
  'formats of numbers, which say nothing': {
    schema: { ...integer, format: 'int32' },
    accepted: [2 ** 31],
    refused: [],
  },
  'integers of 64 bits': { schema: integer, accepted: [2 ** 62], refused: [[2 ** 64, 'TypeInvalid']] },
  'a list': {
    schema: { type: 'array', items: integer, minItems: 1, maxItems: 2 },
    accepted: [[1], [1, 2]],
    refused: [
      [[], 'Invalid'],
      [[1, 2, 3], 'TooMany'],
      [['a', 1], 'TypeInvalid [0]'],
    ],
  },
  'required members': {
    schema: { type: 'object', required: ['a'], properties: { a: text, b: integer } },
    accepted: [{ a: '' }, { a: 'x', b: 1 }],
    refused: [
      [{}, 'Required a'],
      [{ a: 1, b: 'x' }, 'TypeInvalid a', 'TypeInvalid b'],
    ],
  },
  'numbers of members': {
    schema: { type: 'object', additionalProperties: text, minProperties: 1, maxProperties: 2 },
    accepted: [{ a: '1' }],
    refused: [
      [{}, 'Invalid'],
      [{ a: '', b: '', c: '' }, 'TooMany'],
      [{ a: 1 }, 'TypeInvalid a'],
    ],
  },
  anyOf: {
    schema: { ...integer, anyOf: [{ maximum: 0 }, { minimum: 10 }] },
    accepted: [-1, 10],
    refused: [[5, 'Invalid <nil>', 'Invalid']],
  },
  oneOf: {
    schema: { ...integer, oneOf: [{ maximum: 10 }, { minimum: 5 }] },
    accepted: [1, 11],
    refused: [[7, 'Invalid <nil>']],
  },
  allOf: {
    schema: { ...integer, allOf: [{ maximum: 10 }, { minimum: 5 }] },
    accepted: [7],
    refused: [[1, 'Invalid', 'Invalid <nil>']],
  },
  not: { schema: { ...text, not: { enum: ['a'] } }, accepted: ['b'], refused: [['a', 'Invalid <nil>']] },
  'a date': { schema: format('date'), accepted: ['2024-02-29'], refused: [['2023-02-29', 'TypeInvalid']] },
  'a time': {
    schema: format('date-time'),
    accepted: ['2024-01-01T00:00:00Z', '2024-01-01T00:00:00.5+01:00'],
    refused: [['2024-01-01', 'TypeInvalid']],
  },
  'a duration': { schema: format('duration'), accepted: ['1h30m', '5 days'], refused: [['soon', 'TypeInvalid']] },
  addresses: {
    schema: format('ipv4'),
    accepted: ['10.0.0.1'],
    refused: [
      ['::1', 'TypeInvalid'],
      ['10.0.0.256', 'TypeInvalid'],
    ],
  },
  'IPv6 addresses': { schema: format('ipv6'), accepted: ['::1'], refused: [['10.0.0.1', 'TypeInvalid']] },
  networks: { schema: format('cidr'), accepted: ['10.0.0.0/8', '::/0'], refused: [['10.0.0.0/33', 'TypeInvalid']] },
  hostnames: { schema: format('hostname'), accepted: ['a.example.com'], refused: [['a b', 'TypeInvalid']] },
  emails: { schema: format('email'), accepted: ['a@example.com'], refused: [['a', 'TypeInvalid']] },
  uuids: {
    schema: format('uuid'),
    accepted: ['123e4567-e89b-12d3-a456-426614174000'],
    refused: [['123', 'TypeInvalid']],
  },
  uris: { schema: format('uri'), accepted: ['https://example.com/a', '/a'], refused: [['a b', 'TypeInvalid']] },
  'base64 texts': { schema: format('byte'), accepted: ['YQ==', ''], refused: [['?', 'TypeInvalid']] },
  'formats that nobody knows': { schema: format('colour'), accepted: ['anything'], refused: [] },
};

const short = (causes: readonly StatusCause[]): string[] =>
  causes.map(({ reason = '', field = '' }) =>
    `${reason.replace('FieldValue', '')} ${field.replace(/^v\.?/, '')}`.trim(),
  );

for (const [what, { schema, accepted, refused }] of Object.entries(cases)) {
  test(`validation of ${what}`, () => {
    for (const value of accepted) {
      assert.deepEqual(
        short(validateValue(value, schema, { path: 'v', before: undefined })),
        [],
        JSON.stringify(value),
      );
    }
    for (const [value, ...wrong] of refused) {
      const found = short(validateValue(value, schema, { path: 'v', before: undefined }));
      assert.deepEqual(found, wrong, JSON.stringify(value));
    }
  });
}

test('messages are those of kube-openapi', () => {
  const schema: JsonSchema = { type: 'object', properties: { size: { type: 'integer', minimum: 0 } } };
  const messageOf = (size: unknown): string | undefined =>
    validateValue({ size }, schema, { path: 'spec', before: undefined })[0]?.message;
  assert.equal(messageOf(-1), 'Invalid value: -1: spec.size in body should be greater than or equal to 0');
  assert.equal(messageOf('x'), 'Invalid value: "string": spec.size in body must be of type integer: "string"');
});

test('what an update leaves alone is not judged again', () => {
  const part: JsonSchema = { type: 'object', properties: { id: text, n: { ...integer, minimum: 5 } } };
  const keyed = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['id'] };
  const schema: JsonSchema = {
    type: 'object',
    properties: {
      a: { ...integer, minimum: 5 },
      map: { type: 'array', items: part, ...keyed },
      list: { type: 'array', items: part },
    },
  };
  const bad = [{ id: 'x', n: 1 }];
  const before = { value: { a: 1, map: bad, list: bad } };
  const judge = (value: object): string[] => short(validateValue(value, schema, { path: '', before }));
  assert.deepEqual(judge({ a: 1, map: bad, list: bad, b: 'new' }), []);
  assert.deepEqual(judge({ a: 2, map: [...bad, { id: 'y', n: 2 }], list: bad }), ['Invalid a', 'Invalid map[1].n']);
  // Entries of other lists cannot be told apart.
  assert.deepEqual(judge({ a: 1, map: bad, list: [...bad, { id: 'y', n: 9 }] }), ['Invalid list[0].n']);
});

test('sets and map lists hold each value or key once', () => {
  const schema: JsonSchema = {
    type: 'object',
    properties: {
      set: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
      objects: { type: 'array', items: { type: 'object' }, 'x-kubernetes-list-type': 'set' },
      map: {
        type: 'array',
        items: { type: 'object', properties: { a: text, b: text } },
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['a', 'b'],
      },
    },
  };
  const value = {
    set: ['x', 'y', 'x'],
    objects: [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
    map: [
      { a: '1', b: '1' },
      { a: '1', b: '2' },
      { a: '1', b: '1', c: 3 },
    ],
  };
  assert.deepEqual(short(validateListTypes(value, schema)), [
    'Duplicate set[2]',
    'Duplicate objects[1]',
    'Duplicate map[2]',
  ]);
});

test('embedded resources say what they are', () => {
  const schema: JsonSchema = {
    type: 'object',
    properties: { template: { type: 'object', 'x-kubernetes-embedded-resource': true } },
  };
  assert.deepEqual(short(validateEmbedded({ template: {} }, schema)), [
    'Required template.apiVersion',
    'Required template.kind',
  ]);
  const template = { apiVersion: 'a/b/c', kind: 'No Kind', metadata: { labels: { '?': 'x' } } };
  assert.deepEqual(short(validateEmbedded({ template }, schema)), [
    'Invalid template.apiVersion',
    'Invalid template.kind',
    'Invalid template.metadata.labels',
  ]);
});
