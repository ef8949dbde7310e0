import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CustomServer, causesOf, definitionOf, definitionsPath, mergePatch, objectsPath } from './testing.ts';

let server: CustomServer;
before(async () => {
  server = await CustomServer.start();
});
after(() => server[Symbol.asyncDispose]());

const integer = { type: 'integer' };
const text = { type: 'string' };
const scale = { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size', labelSelectorPath: '.status.text' };

test('the replicas of a scale are judged where the object has them', async () => {
  const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } as const;
  await server.define(definitionOf('Fleet', { schema, version: { subresources: { status: {}, scale } } }));
  const refusals: readonly (readonly [spec: unknown, ...causes: string[]])[] = [
    [{ size: -1 }, 'FieldValueInvalid .spec.size'],
    [{ size: 2 ** 31 }, 'FieldValueInvalid .spec.size'],
    [{ size: 'many' }, 'FieldValueInvalid .spec.size'],
    ['none', 'FieldValueInvalid .spec.size'],
  ];
  for (const [spec, ...causes] of refusals) {
    assert.deepEqual(causesOf(await server.create('Fleet', { metadata: { name: 'a' }, spec })), causes);
  }
  await server.create('Fleet', { metadata: { name: 'a' }, spec: { size: 1 } });
  const path = `${objectsPath('Fleet')}/a`;
  const send = (subresource: string, patch: object) => server.api.send('PATCH', path + subresource, patch, mergePatch);
  assert.deepEqual(causesOf(await send('/scale', { spec: { replicas: -1 } })), ['FieldValueInvalid .spec.size']);
  assert.deepEqual(causesOf(await send('/status', { status: { size: -1, text: 5 } })), [
    'FieldValueInvalid .status.size',
    'FieldValueInvalid .status.text',
  ]);
  await server.create('Fleet', { metadata: { name: 'b' } });
  const other = `${objectsPath('Fleet')}/b/scale`;
  assert.equal((await server.api.send('PATCH', other, { metadata: { labels: {} } }, mergePatch)).code, 400);
  const scaled = await server.api.send('PATCH', other, { spec: { replicas: 2 } }, mergePatch);
  assert.deepEqual([scaled.code, scaled.body.spec], [200, { replicas: 2 }]);
});

test('a write of the status is judged by the status, and by the rules of the whole', async () => {
  const status = { type: 'object', properties: { n: integer }, anyOf: [{ required: ['n'] }] };
  const spec = { type: 'object', properties: { most: integer } };
  const rules = [{ rule: '!has(self.status) || !has(self.status.n) || self.status.n <= self.spec.most' }];
  const schema = {
    type: 'object',
    properties: { spec, status },
    'x-kubernetes-validations': rules,
  };
  await server.define(definitionOf('Meter', { schema, version: { subresources: { status: {} } } }));
  await server.create('Meter', { metadata: { name: 'a' }, spec: { most: 5 } });
  const write = (status: object) =>
    server.api.send('PATCH', `${objectsPath('Meter')}/a/status`, { status }, mergePatch).then(causesOf);
  assert.deepEqual(await write({ n: 'x' }), ['FieldValueTypeInvalid status.n', 'FieldValueInvalid <nil>']);
  assert.deepEqual(await write({ other: 1 }), [
    'FieldValueInvalid status',
    'FieldValueRequired status.n',
    'FieldValueInvalid <nil>',
  ]);
  assert.deepEqual(await write({ n: 9 }), ['FieldValueInvalid <nil>']);
  assert.deepEqual(await write({ n: 5 }), []);
});

test('what was wrong already is warned of; repeated entries are forgiven where there were any', async () => {
  const list = { type: 'array', items: text };
  const spec = { type: 'object', properties: { n: integer, set: list, other: text } };
  await server.define(definitionOf('Relic', { schema: { type: 'object', properties: { spec } } }));
  await server.create('Relic', { metadata: { name: 'a' }, spec: { n: 1, set: ['x', 'x'] } });
  const path = `${definitionsPath}/relics.example.com`;
  const definition = (await server.api.send('GET', path)).body;
  const properties = definition.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties;
  properties.set['x-kubernetes-list-type'] = 'set';
  properties.n['x-kubernetes-validations'] = [{ rule: 'self > 5', message: 'is too small' }];
  assert.equal((await server.api.send('PUT', path, definition)).code, 200);
  const write = (spec: object) => server.api.send('PATCH', `${objectsPath('Relic')}/a`, { spec }, mergePatch);
  const kept = await write({ other: 'x' });
  assert.deepEqual([kept.code, kept.headers['warning']], [200, '299 - "spec.n: Invalid value: 1: is too small"']);
  assert.equal((await write({ set: ['y', 'y'] })).code, 200);
  assert.deepEqual(causesOf(await write({ n: 2 })), ['FieldValueInvalid spec.n']);
});

test('a value that is not one of those listed keeps rules from being asked', async () => {
  const color = { ...text, enum: ['red'], 'x-kubernetes-validations': [{ rule: 'self != "blue"' }] };
  await server.define(definitionOf('Paint', { schema: { type: 'object', properties: { color } } }));
  assert.deepEqual(causesOf(await server.create('Paint', { metadata: { name: 'a' }, color: 'blue' })), [
    'FieldValueNotSupported color',
    'FieldValueInvalid <nil>',
  ]);
});

test('finalizers without a domain are warned of', async () => {
  await server.define(definitionOf('Hook'));
  const warned = async (...finalizers: string[]): Promise<unknown> =>
    (await server.create('Hook', { metadata: { generateName: 'a-', finalizers } })).headers['warning'];
  assert.match(String(await warned('x')), /prefer a domain-qualified finalizer name to avoid/);
  assert.match(String(await warned('example.com')), /prefer a domain-qualified finalizer name including a path/);
  assert.equal(await warned('example.com/x', 'foregroundDeletion'), undefined);
});

test('a column whose path cannot be read ends the columns', async () => {
  const columns = [
    { name: 'A', type: 'string', jsonPath: '.spec.a' },
    { name: 'B', type: 'string', jsonPath: '.spec[' },
    { name: 'C', type: 'string', jsonPath: '.spec.c' },
  ];
  await server.define(definitionOf('Page', { version: { additionalPrinterColumns: columns } }));
  const accept = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
  const { body } = await server.api.send('GET', objectsPath('Page'), undefined, accept);
  assert.deepEqual(
    body.columnDefinitions.map(({ name }: { name: string }) => name),
    ['Name', 'A'],
  );
});

test('paths and methods that a definition does not give are answered as by no one, or for the resource', async () => {
  await server.define(definitionOf('Room', { version: { subresources: { status: {} } } }));
  await server.define(definitionOf('Moon', { spec: { scope: 'Cluster' } }));
  const rooms = objectsPath('Room');
  const nowhere = [
    ['GET', '/apis/example.com/v9'],
    ['GET', '/apis/example.com/v9/rooms'],
    ['GET', '/apis/example.com/v1/none'],
    ['POST', '/apis/example.com/v1/rooms'],
    ['DELETE', '/apis/example.com/v1/rooms'],
    ['GET', '/apis/example.com/v1/namespaces/default/moons'],
  ] as const;
  for (const [method, path] of nowhere) {
    const { code, text } = await server.api.send(method, path, method === 'POST' ? {} : undefined);
    assert.deepEqual([code, text], [404, '404 page not found\n'], `${method} ${path}`);
  }
  const refused = [
    ['GET', `${rooms}/a/none`, 404, { name: 'a', group: 'example.com', kind: 'rooms' }],
    ['GET', `${rooms}/a/scale`, 404, { name: 'a', group: 'example.com', kind: 'rooms' }],
    ['DELETE', `${rooms}/a/status`, 405, { group: 'example.com', kind: 'rooms' }],
    ['PUT', rooms, 400, undefined],
  ] as const;
  for (const [method, path, wanted, details] of refused) {
    const { code, body } = await server.api.send(method, path, method === 'PUT' ? {} : undefined);
    assert.deepEqual([code, body.details], [wanted, details], `${method} ${path}`);
  }
});

test('conditions of a definition are owned one by one; groups of the community say how they were approved', async () => {
  const group = 'example.k8s.io';
  const definition = definitionOf('Rule', { spec: { group } });
  const annotations = { 'api-approved.kubernetes.io': 'unapproved, an experiment' };
  await server.define({ ...definition, metadata: { name: `rules.${group}`, annotations } } as typeof definition);
  const { body } = await server.api.send('GET', `${definitionsPath}/rules.${group}`);
  const conformant = body.status.conditions.at(-1);
  assert.deepEqual(
    [conformant.type, conformant.status, conformant.reason],
    ['KubernetesAPIApprovalPolicyConformant', 'False', 'UnapprovedAnnotation'],
  );
  const entry = body.metadata.managedFields.find(
    ({ subresource }: { subresource?: string }) => subresource === 'status',
  );
  assert.ok(entry.fieldsV1['f:status']['f:conditions']['k:{"type":"Established"}']);
});
