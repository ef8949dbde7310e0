import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JsonSchema } from '../schema/json-schema.ts';
import { CustomServer, causesOf, definitionOf, definitionsPath, mergePatch } from '../testing.ts';

let server: CustomServer;
before(async () => {
  server = await CustomServer.start();
});
after(() => server[Symbol.asyncDispose]());

const object: JsonSchema = { type: 'object' };
const text: JsonSchema = { type: 'string' };
const schema = 'spec.validation.openAPIV3Schema';
const spec = `${schema}.properties[spec]`;

/** The causes of a rule that is too much for itself and for the whole schema. */
const tooMuch = (rule: string): string[] => [`Forbidden ${rule}`, `Forbidden ${rule}`, `Forbidden ${schema}`];

/** A definition with this schema of `spec`. */
const withSpec = (inner: JsonSchema) => definitionOf('Thing', { schema: { ...object, properties: { spec: inner } } });
const version = (name: string, more: object = {}) => ({
  name,
  served: true,
  storage: name === 'v1',
  schema: { openAPIV3Schema: { ...object, description: name } },
  ...more,
});
const versions = (...list: object[]) => definitionOf('Thing', { spec: { versions: list } });
const named = (names: object) => definitionOf('Thing', { names });
const grouped = (group: string, annotations?: object) => {
  const definition = definitionOf('Thing', { spec: { group } });
  const metadata = { name: `things.${group}`, ...(annotations && { annotations }) };
  return { ...definition, metadata };
};
const converted = (conversion: object) => definitionOf('Thing', { spec: { conversion } });
const webhook = {
  strategy: 'Webhook',
  webhook: { clientConfig: { url: 'https://example.com/convert' }, conversionReviewVersions: ['v1'] },
};
const rule = (given: object, inner: JsonSchema = { ...object, properties: { a: text } }) =>
  withSpec({ ...inner, 'x-kubernetes-validations': [{ rule: 'true', ...given }] });
const keyed = (items: JsonSchema, keys: string[] = ['id']): JsonSchema => ({
  type: 'array',
  items,
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': keys,
});
const part: JsonSchema = { ...object, properties: { id: text }, required: ['id'] };

const accepted: Readonly<Record<string, ReturnType<typeof definitionOf>>> = {
  'a schema with everything in its place': withSpec({
    ...object,
    required: ['size'],
    properties: {
      size: { type: 'integer', format: 'int32', minimum: 0, default: 1 },
      any: { 'x-kubernetes-preserve-unknown-fields': true },
      port: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
      parts: keyed(part),
      template: { ...object, 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
      map: { ...object, additionalProperties: text, 'x-kubernetes-map-type': 'atomic' },
    },
    anyOf: [{ required: ['any'] }, { properties: { size: { maximum: 5 } } }],
  }),
  'several versions': versions(version('v1'), version('v2beta1'), version('foo')),
  'a group of the community that is approved': grouped('example.k8s.io', {
    'api-approved.kubernetes.io': 'https://example.com',
  }),
  'a rule': rule({ rule: 'self.a != "x"', message: 'm', reason: 'FieldValueInvalid', fieldPath: '.a' }),
  'rules with loops that are bounded': withSpec({
    ...object,
    properties: {
      l: { type: 'array', items: { ...text, maxLength: 10 }, maxItems: 50 },
      parts: { type: 'array', items: part, maxItems: 50 },
      many: { type: 'array', items: text },
    },
    'x-kubernetes-validations': [
      { rule: 'self.l.all(x, self.parts.exists(p, p.id == x && self.l.filter(y, y != x).size() > 0))' },
      { rule: 'self.many.all(x, x != "")' },
    ],
  }),
  'a conversion webhook': converted(webhook),
  'restrictions of names': definitionOf('Thing', {
    schema: { ...object, properties: { metadata: { ...object, properties: { name: { ...text, maxLength: 5 } } } } },
  }),
};

test('definitions that are well formed are accepted', async () => {
  for (const [what, definition] of Object.entries(accepted)) {
    const { code, text } = await server.api.send('POST', `${definitionsPath}?dryRun=All`, definition);
    assert.equal(code, 201, `${what}: ${text}`);
  }
});

const refused: Readonly<Record<string, readonly [definition: ReturnType<typeof definitionOf>, ...causes: string[]]>> = {
  'a name that is not plural and group': [
    { ...definitionOf('Thing'), metadata: { name: 'other.example.com' } },
    'Invalid metadata.name',
  ],
  'a group without a dot': [grouped('example'), 'Invalid spec.group'],
  'a scope that is none': [definitionOf('Thing', { spec: { scope: 'Global' } }), 'NotSupported spec.scope'],
  'names that are none': [
    named({ singular: 'A', shortNames: ['B_'], kind: 'C-', categories: ['d.'] }),
    'Invalid spec.names.singular',
    'Invalid spec.names.kind',
    'Invalid spec.names.shortNames[0]',
    'Invalid spec.names.categories[0]',
  ],
  'a list that is called as its items': [named({ listKind: 'Thing' }), 'Invalid spec.names.listKind'],
  'no version': [versions(), 'Invalid spec.versions', 'Invalid status.storedVersions'],
  'two versions to store': [
    versions(version('v1'), version('v2', { storage: true })),
    'Invalid spec.versions',
    'Invalid status.storedVersions',
  ],
  'two versions of one name': [versions(version('v1'), version('v1', { storage: false })), 'Invalid spec.versions'],
  'a version that is called wrongly': [versions(version('v1'), version('V2')), 'Invalid spec.versions[1].name'],
  'a first version that is called wrongly': [
    versions(version('V0'), version('v1')),
    'Invalid spec.versions[0].name',
    'Invalid spec.version',
  ],
  'a name that is no name': [
    { ...definitionOf('Thing'), metadata: { name: 'Things' } },
    'Invalid metadata.name',
    'Invalid metadata.name',
  ],
  'a version without a schema': [
    versions(version('v1'), version('v2', { schema: undefined })),
    'Required spec.versions[1].schema.openAPIV3Schema',
  ],
  'a deprecation warning of what is not deprecated': [
    definitionOf('Thing', { version: { deprecationWarning: 'no' } }),
    'Invalid spec.versions[0].deprecationWarning',
  ],
  'a conversion webhook of which nothing is known': [
    converted({ strategy: 'Webhook' }),
    'Required spec.conversion.webhookClientConfig',
    'Required spec.conversion.conversionReviewVersions',
  ],
  'a conversion webhook that is called nowhere': [
    converted({ strategy: 'Webhook', webhook: { clientConfig: {}, conversionReviewVersions: ['v9', 'v9'] } }),
    'Required spec.conversion.webhookClientConfig',
    'Invalid spec.conversion.conversionReviewVersions[1]',
    'Invalid spec.conversion.conversionReviewVersions',
  ],
  'a conversion webhook that is called by a bad address': [
    converted({
      strategy: 'Webhook',
      webhook: { clientConfig: { url: 'http://a@example.com?x=1#y' }, conversionReviewVersions: ['v1'] },
    }),
    ...Array.from({ length: 4 }, () => 'Invalid spec.conversion.webhookClientConfig.url'),
  ],
  'a conversion webhook of a bad Service': [
    converted({
      strategy: 'Webhook',
      webhook: {
        clientConfig: { service: { name: '', namespace: '', path: 'x', port: 99999 } },
        conversionReviewVersions: ['v1'],
      },
    }),
    'Required spec.conversion.webhookClientConfig.service.name',
    'Required spec.conversion.webhookClientConfig.service.namespace',
    'Invalid spec.conversion.webhookClientConfig.service.port',
    'Invalid spec.conversion.webhookClientConfig.service.path',
  ],
  'a conversion webhook that nobody can trust': [
    converted({
      strategy: 'Webhook',
      webhook: {
        clientConfig: { url: 'https://example.com', caBundle: Buffer.from('none').toString('base64') },
        conversionReviewVersions: ['v1'],
      },
    }),
    'Invalid spec.conversion.webhookClientConfig.caBundle',
  ],
  'a webhook beside another conversion': [
    converted({ ...webhook, strategy: 'None' }),
    'Forbidden spec.conversion.webhookClientConfig',
    'Forbidden spec.conversion.conversionReviewVersions',
  ],
  'another conversion': [
    definitionOf('Thing', { spec: { conversion: { strategy: 'Magic' } } }),
    'NotSupported spec.conversion.strategy',
  ],
  'fields that are preserved without a schema': [
    definitionOf('Thing', { spec: { preserveUnknownFields: true } }),
    'Invalid spec.preserveUnknownFields',
  ],
  'fields that are preserved beside defaults': [
    definitionOf('Thing', {
      spec: { preserveUnknownFields: true },
      schema: { ...object, properties: { a: { ...text, default: 'x' } } },
    }),
    'Invalid spec.preserveUnknownFields',
    'Invalid spec.preserveUnknownFields',
  ],
  'a root with a status that is no object': [
    definitionOf('Thing', {
      schema: { type: 'array', items: text, enum: [] },
      version: { subresources: { status: {} } },
    }),
    `Invalid ${schema}.type`,
    `Invalid ${schema}.type`,
  ],
  'a root with a status of which too much is said': [
    definitionOf('Thing', { schema: { ...object, minProperties: 1 }, version: { subresources: { status: {} } } }),
    `Invalid ${schema}`,
  ],
  'a group of the community': [grouped('example.k8s.io'), 'Required metadata.annotations[api-approved.kubernetes.io]'],
  'columns without a type or with a strange one': [
    definitionOf('Thing', {
      version: {
        additionalPrinterColumns: [
          { name: 'A', type: 'text', jsonPath: '.a' },
          { name: 'B', type: 'string', jsonPath: 'b' },
        ],
      },
    }),
    'Invalid spec.additionalPrinterColumns[0].type',
    'Invalid spec.additionalPrinterColumns[1].JSONPath',
  ],
  'scales outside of spec and status': [
    definitionOf('Thing', {
      version: {
        subresources: { scale: { specReplicasPath: '.status.a', statusReplicasPath: 'x', labelSelectorPath: '.a' } },
      },
    }),
    'Invalid spec.subresources.scale.specReplicasPath',
    'Invalid spec.subresources.scale.statusReplicasPath',
    'Invalid spec.subresources.scale.labelSelectorPath',
  ],
  'selectable fields that are none': [
    definitionOf('Thing', {
      schema: { ...object, properties: { spec: { ...object, properties: { a: text, o: object } } } },
      version: {
        selectableFields: [
          { jsonPath: '.spec.none' },
          { jsonPath: '.spec.o' },
          { jsonPath: '.spec.a' },
          { jsonPath: '.spec.a' },
          { jsonPath: ".spec['a']" },
          { jsonPath: '.metadata.name' },
        ],
      },
    }),
    'Invalid spec.selectableFields[0].jsonPath',
    'Invalid spec.selectableFields[1].jsonPath',
    'Duplicate spec.selectableFields[3].jsonPath',
    'Invalid spec.selectableFields[4].jsonPath',
    'Invalid spec.selectableFields[5].jsonPath',
  ],
  'a root without a type': [definitionOf('Thing', { schema: { properties: {} } }), `Required ${schema}.type`],
  'a root that is no object': [
    definitionOf('Thing', { schema: { type: 'array', items: text } }),
    `Invalid ${schema}.type`,
  ],
  'a map at the root': [
    definitionOf('Thing', { schema: { ...object, additionalProperties: text } }),
    `Forbidden ${schema}.additionalProperties`,
  ],
  'fields without a type': [withSpec({ description: 'what?' }), `Required ${spec}.type`],
  'items without a type': [withSpec({ type: 'array', items: { description: 'what?' } }), `Required ${spec}.items.type`],
  'lists without items': [withSpec({ type: 'array' }), `Required ${spec}.items`],
  'types that are none': [withSpec({ type: 'text' }), `NotSupported ${spec}.type`],
  'types inside of junctors': [
    withSpec({ ...object, anyOf: [{ type: 'object', description: 'no', default: {} }] }),
    `Forbidden ${spec}.anyOf[0].default`,
    `Forbidden ${spec}.anyOf[0].description`,
    `Forbidden ${spec}.anyOf[0].type`,
  ],
  'fields that only a junctor names': [
    withSpec({ ...object, allOf: [{ properties: { a: { maxLength: 1 } } }] }),
    `Required ${spec}.properties[a]`,
  ],
  'fields of a map that only a junctor names': [
    withSpec({ ...object, additionalProperties: text, allOf: [{ properties: { a: { maxLength: 1 } } }] }),
    `Required ${spec}.properties[a]`,
  ],
  'metadata in the schema': [
    definitionOf('Thing', {
      schema: { ...object, properties: { metadata: { ...object, properties: { labels: object } } } },
    }),
    `Forbidden ${schema}.properties[metadata]`,
  ],
  'patterns that are none': [withSpec({ ...text, pattern: '(' }), `Invalid ${spec}.pattern`],
  'unique items': [withSpec({ type: 'array', items: text, uniqueItems: true }), `Forbidden ${spec}.uniqueItems`],
  'properties beside additional ones': [
    withSpec({ ...object, properties: { a: text }, additionalProperties: text }),
    `Forbidden ${spec}.additionalProperties`,
  ],
  references: [withSpec({ $ref: '#/x' }), `Forbidden ${spec}.$ref`],
  'the schema of a schema': [withSpec({ $schema: 'https://json-schema.org' }), `Invalid ${schema}`],
  'defaults that are invalid or unknown': [
    withSpec({
      ...object,
      properties: {
        a: { type: 'integer', default: 'x' },
        o: { ...object, properties: { b: text }, default: { c: 1 } },
      },
    }),
    `TypeInvalid ${spec}.properties[a].default`,
    `Invalid ${spec}.properties[o].default`,
  ],
  'defaults that only their own defaults would make whole': [
    withSpec({ ...object, default: {}, required: ['a'], properties: { a: { type: 'integer', default: 1 } } }),
    `Required ${spec}.default.a`,
  ],
  'fields that are not preserved': [
    withSpec({ ...object, 'x-kubernetes-preserve-unknown-fields': false }),
    `Invalid ${spec}.x-kubernetes-preserve-unknown-fields`,
  ],
  'a list type of what is no list': [withSpec({ ...object, 'x-kubernetes-list-type': 'set' }), `Invalid ${spec}.type`],
  'a list type that is none': [
    withSpec({ type: 'array', items: text, 'x-kubernetes-list-type': 'bag' }),
    `NotSupported ${spec}.x-kubernetes-list-type`,
  ],
  'a set of objects': [
    withSpec({ type: 'array', items: object, 'x-kubernetes-list-type': 'set' }),
    `Invalid ${spec}.items.x-kubernetes-map-type`,
  ],
  'a map list without keys': [
    withSpec({ type: 'array', items: part, 'x-kubernetes-list-type': 'map' }),
    `Required ${spec}.x-kubernetes-list-map-keys`,
  ],
  'keys that may be absent': [
    withSpec(keyed({ ...object, properties: { id: text } })),
    `Required ${spec}.items.properties[id].default`,
  ],
  'keys that are no properties': [withSpec(keyed(part, ['id', 'none'])), `Invalid ${spec}.x-kubernetes-list-map-keys`],
  'keys without a map list': [
    withSpec({ type: 'array', items: part, 'x-kubernetes-list-map-keys': ['id'] }),
    `Required ${spec}.x-kubernetes-list-type`,
  ],
  'a rule without one': [rule({ rule: ' ' }), `Required ${spec}.x-kubernetes-validations[0].rule`],
  'a rule with a strange reason': [
    rule({ reason: 'Because' }),
    `NotSupported ${spec}.x-kubernetes-validations[0].reason`,
  ],
  'a rule about another field': [rule({ fieldPath: '.none' }), `Invalid ${spec}.x-kubernetes-validations[0].fieldPath`],
  'a rule that does not compile': [
    rule({ rule: 'self.none == 1' }),
    `Invalid ${spec}.x-kubernetes-validations[0].rule`,
  ],
  'rules that do not compile, at two levels': [
    rule(
      { rule: 'self.none == 1' },
      { ...object, properties: { a: { ...text, 'x-kubernetes-validations': [{ rule: 'self == 1' }] } } },
    ),
    `Invalid ${spec}.properties[a].x-kubernetes-validations[0].rule`,
    `Invalid ${spec}.x-kubernetes-validations[0].rule`,
  ],
  'a rule that does not compile beside a schema that is wrong': [
    rule(
      { rule: 'self.none == 1' },
      { ...object, properties: { a: { type: 'array', items: text, uniqueItems: true } } },
    ),
    `Forbidden ${spec}.properties[a].uniqueItems`,
  ],
  'a message that is no text': [
    rule({ messageExpression: '1 + 1' }),
    `Invalid ${spec}.x-kubernetes-validations[0].messageExpression`,
  ],
  'a rule that may take for ever': [
    rule(
      { rule: 'self.l.all(x, self.l.exists(y, x == y))' },
      { ...object, properties: { l: { type: 'array', items: text } } },
    ),
    ...tooMuch(`${spec}.x-kubernetes-validations[0].rule`),
  ],
  'a rule that may take for ever because there may be many of it': [
    withSpec({
      type: 'array',
      items: {
        ...object,
        properties: { m: { ...object, additionalProperties: text } },
        'x-kubernetes-validations': [{ rule: 'self.m.all(k, self.m[k] != "")' }],
      },
    }),
    ...tooMuch(`${spec}.items.x-kubernetes-validations[0].rule`),
  ],
  'rules that take too long together': [
    withSpec({
      ...object,
      properties: { l: { type: 'array', items: { type: 'integer' } } },
      'x-kubernetes-validations': Array.from({ length: 25 }, () => ({ rule: 'self.l.all(x, x > 0)' })),
    }),
    ...[0, 1, 2, 3].map((index) => `Forbidden ${spec}.x-kubernetes-validations[${index}].rule`),
    `Forbidden ${schema}`,
  ],
  'a rule about the past of what has none': [
    withSpec({ type: 'array', items: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] } }),
    `Invalid ${spec}.items.x-kubernetes-validations[0].rule`,
  ],
};

for (const [what, [definition, ...causes]] of Object.entries(refused)) {
  test(`a definition is refused for ${what}`, async () => {
    const answer = await server.api.send('POST', `${definitionsPath}?dryRun=All`, definition);
    assert.equal(answer.code, 422, answer.text);
    assert.deepEqual(
      causesOf(answer)
        .map((cause) => cause.replace('FieldValue', ''))
        .sort(),
      [...causes].sort(),
    );
  });
}

test('what differs between versions is named where it is', async () => {
  const bad = { openAPIV3Schema: { type: 'array', items: text } };
  const answer = await server.api.send(
    'POST',
    `${definitionsPath}?dryRun=All`,
    versions(version('v1'), version('v2', { schema: bad })),
  );
  assert.deepEqual(causesOf(answer), ['FieldValueInvalid spec.versions[1].schema.openAPIV3Schema.type']);
});

test('what an established definition is cannot change, nor may it lose a version that was stored', async () => {
  await server.define(definitionOf('Rock', { spec: { versions: [version('v1'), version('v2')] } }));
  const path = `${definitionsPath}/rocks.example.com`;
  const change = async (spec: object): Promise<string[]> =>
    causesOf(await server.api.send('PATCH', path, { spec }, mergePatch));
  assert.deepEqual(await change({ scope: 'Cluster' }), ['FieldValueInvalid spec.scope']);
  assert.deepEqual(await change({ names: { kind: 'Stone' } }), ['FieldValueInvalid spec.names.kind']);
  assert.deepEqual(await change({ group: 'other.com' }), ['FieldValueInvalid spec.group']);
  assert.deepEqual(await change({ versions: [version('v2', { storage: true })] }), [
    'FieldValueInvalid status.storedVersions[0]',
  ]);
});

test('a definition without anything is told of all that it lacks', async () => {
  const { apiVersion, kind, metadata } = definitionOf('Thing');
  const answer = await server.api.send('POST', definitionsPath, { apiVersion, kind, metadata });
  assert.equal(answer.code, 422);
  const lacks = ['group', 'scope', 'names.plural', 'names.singular', 'names.kind', 'names.listKind'];
  for (const field of lacks) assert.ok(causesOf(answer).includes(`FieldValueRequired spec.${field}`), field);
});

test('what is no schema is refused wherever it is', async () => {
  const wrong = { type: 'array', items: { type: 'object', properties: { a: true } } };
  for (const inner of [wrong.items, wrong, { type: 'object', additionalProperties: wrong }]) {
    // No schema at all, so no JsonSchema either.
    const answer = await server.api.send('POST', definitionsPath, withSpec(inner as unknown as JsonSchema));
    assert.equal(answer.code, 400, answer.text);
  }
});
