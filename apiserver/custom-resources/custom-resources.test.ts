import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JsonSchema } from './schema/json-schema.ts';
import { CustomServer, causesOf, definitionOf, definitionsPath, holds, mergePatch, objectsPath } from './testing.ts';

let server: CustomServer;
before(async () => {
  server = await CustomServer.start();
});
after(() => server[Symbol.asyncDispose]());

const size = { type: 'integer', minimum: 0 };
const sized = { type: 'object', properties: { spec: { type: 'object', properties: { size } } } };

test('a definition is established at once, and gone with all its objects when it is deleted', async () => {
  await server.define(definitionOf('Crate', { schema: sized }));
  await server.create('Crate', { metadata: { name: 'a' }, spec: { size: 1 } });
  const gone = server.until('crates.example.com', (definition) => definition === undefined);
  const { code, body } = await server.api.send('DELETE', `${definitionsPath}/crates.example.com`);
  assert.equal(code, 200);
  assert.ok(holds(body.status, 'Terminating'));
  assert.deepEqual(body.metadata.finalizers, ['customresourcecleanup.apiextensions.k8s.io']);
  await gone;
  const missing = await server.api.send('GET', objectsPath('Crate'));
  assert.equal(missing.code, 404);
  await server.define(definitionOf('Crate', { schema: sized }));
  assert.deepEqual((await server.api.send('GET', objectsPath('Crate'))).body.items, []);
});

test('an object with a finalizer holds its definition, which takes no new objects meanwhile', async () => {
  await server.define(definitionOf('Anchor'));
  await server.create('Anchor', { metadata: { name: 'held', finalizers: ['example.com/hold'] } });
  await server.api.send('DELETE', `${definitionsPath}/anchors.example.com`);
  assert.equal((await server.create('Anchor', { metadata: { name: 'late' } })).code, 405);
  const path = `${objectsPath('Anchor')}/held`;
  const ending = await server.api.watchUntil(
    `${objectsPath('Anchor')}?watch=1`,
    ({ object }) => object.metadata.deletionTimestamp,
  );
  assert.equal(ending.metadata.name, 'held');
  const gone = server.until('anchors.example.com', (definition) => definition === undefined);
  assert.equal((await server.api.send('PATCH', path, { metadata: { finalizers: null } }, mergePatch)).code, 200);
  await gone;
  assert.equal((await server.api.send('GET', path)).code, 404);
});

test('names that another definition of the group has are not accepted until they are free', async () => {
  await server.define(definitionOf('Twin', { names: { shortNames: ['tw'] } }));
  const second = definitionOf('Other', { names: { shortNames: ['tw'] } });
  await server.api.send('POST', definitionsPath, second);
  const refused = await server.until('others.example.com', ({ status }) => status.conditions?.length > 0);
  const [accepted, established] = refused.status.conditions;
  assert.deepEqual([accepted.status, accepted.reason], ['False', 'ShortNamesConflict']);
  assert.deepEqual([established.status, established.reason], ['False', 'NotAccepted']);
  assert.equal((await server.api.send('GET', objectsPath('Other'))).code, 404);
  await server.api.send('DELETE', `${definitionsPath}/twins.example.com`);
  await server.until('others.example.com', ({ status }) => holds(status, 'Established'));
  assert.equal((await server.api.send('GET', objectsPath('Other'))).code, 200);
});

test('objects are pruned, get defaults and are validated, also after a change of the schema', async () => {
  const properties = { size, color: { type: 'string', default: 'red' } };
  const schema = { type: 'object', properties: { spec: { type: 'object', default: {}, properties } } };
  await server.define(definitionOf('Box', { schema }));
  const { body } = await server.create('Box', { metadata: { name: 'a' }, spec: { size: 1, odd: true } });
  assert.deepEqual(body.spec, { size: 1, color: 'red' });
  assert.deepEqual((await server.create('Box', { metadata: { name: 'b' } })).body.spec, { color: 'red' });
  assert.deepEqual(causesOf(await server.create('Box', { metadata: { name: 'c' }, spec: { size: -1 } })), [
    'FieldValueInvalid spec.size',
  ]);
  const strict = await server.create('Box', { metadata: { name: 'd' }, spec: { odd: 1 } }, '?fieldValidation=Strict');
  assert.equal(strict.code, 400);
  assert.match(strict.body.message, /unknown field "spec\.odd"/);

  const definition = (await server.api.send('GET', `${definitionsPath}/boxs.example.com`)).body;
  const wider = definition.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties;
  wider.weight = { type: 'integer', default: 7 };
  assert.equal((await server.api.send('PUT', `${definitionsPath}/boxs.example.com`, definition)).code, 200);
  // A new default shows in what was stored before.
  assert.equal((await server.api.send('GET', `${objectsPath('Box')}/a`)).body.spec.weight, 7);
});

test('a change of what is served ends the watches of it', async () => {
  await server.define(definitionOf('Reel'));
  const watch = server.api.watchUntil(`${objectsPath('Reel')}?watch=1`, () => false);
  const label = { spec: { versions: [{ ...definitionVersion(sized) }] } };
  const ended = assert.rejects(watch, /ended/);
  await server.api.send('PATCH', `${definitionsPath}/reels.example.com`, label, mergePatch);
  await ended;
});

test('a watch sees all objects go with their definition, and then ends', async () => {
  await server.define(definitionOf('Boat'));
  await server.create('Boat', { metadata: { name: 'a' } });
  await server.create('Boat', { metadata: { name: 'b' } });
  // It ends by itself: more than it gets is asked for.
  const watch = server.api.watch(`${objectsPath('Boat')}?watch=1`, 99);
  await server.api.watch(`${objectsPath('Boat')}?watch=1`, 2);
  await server.api.send('DELETE', `${definitionsPath}/boats.example.com`);
  const events = (await watch).map(({ type, object }: { type: string; object: { metadata: { name: string } } }) => [
    type,
    object.metadata.name,
  ]);
  assert.deepEqual(events.slice(0, 2), [
    ['ADDED', 'a'],
    ['ADDED', 'b'],
  ]);
  assert.deepEqual(events.slice(2).sort(), [
    ['DELETED', 'a'],
    ['DELETED', 'b'],
  ]);
});

test('a status is judged by itself, and rules by the whole object', async () => {
  const schema: JsonSchema = {
    type: 'object',
    properties: {
      spec: { type: 'object', properties: { max: { type: 'integer' } } },
      status: { type: 'object', properties: { size: { type: 'integer', minimum: 0 } } },
    },
    'x-kubernetes-validations': [{ rule: '!has(self.status) || self.status.size <= self.spec.max' }],
  };
  await server.define(definitionOf('Tank', { schema, version: { subresources: { status: {} } } }));
  await server.create('Tank', { metadata: { name: 'a' }, spec: { max: 5 } });
  const set = (size: number) =>
    server.api.send('PATCH', `${objectsPath('Tank')}/a/status`, { status: { size } }, mergePatch);
  assert.equal((await set(5)).code, 200);
  assert.deepEqual(causesOf(await set(6)), ['FieldValueInvalid <nil>']);
  assert.deepEqual(causesOf(await set(-1)), ['FieldValueInvalid status.size']);
});

const definitionVersion = (schema: object, more: object = {}) => ({
  name: 'v1',
  served: true,
  storage: true,
  schema: { openAPIV3Schema: schema },
  ...more,
});

test('versions differ in their name alone, and writes store the one that is to be stored', async () => {
  const versions = [
    definitionVersion(sized),
    definitionVersion({ ...sized, description: 'the second' }, { name: 'v2', storage: false, deprecated: true }),
  ];
  await server.define(definitionOf('Dial', { spec: { versions } }));
  await server.create('Dial', { metadata: { name: 'a' }, spec: { size: 1 } });
  const second = await server.api.send('GET', `${objectsPath('Dial', 'v2')}/a`);
  assert.equal(second.body.apiVersion, 'example.com/v2');
  assert.match(String(second.headers['warning']), /example\.com\/v2 Dial is deprecated/);
  const list = (await server.api.send('GET', objectsPath('Dial', 'v2'))).body;
  assert.deepEqual([list.apiVersion, list.items[0].apiVersion], ['example.com/v2', 'example.com/v2']);
  const [event] = await server.api.watch(`${objectsPath('Dial', 'v2')}?watch=1`, 1);
  assert.equal(event.object.apiVersion, 'example.com/v2');

  const other = versions.map((version) => ({ ...version, storage: version.name === 'v2' }));
  const patched = await server.api.send(
    'PATCH',
    `${definitionsPath}/dials.example.com`,
    { spec: { versions: other } },
    mergePatch,
  );
  assert.deepEqual(patched.body.status.storedVersions, ['v1', 'v2']);
  // A write that changes nothing stores the object anew, once.
  const before = second.body.metadata.resourceVersion;
  const touch = () => server.api.send('PATCH', `${objectsPath('Dial')}/a`, {}, mergePatch);
  const touched = (await touch()).body.metadata.resourceVersion;
  assert.notEqual(touched, before);
  assert.equal((await touch()).body.metadata.resourceVersion, touched);
});

test('where a webhook would convert objects, they are there only as they are stored', async () => {
  const open = { openAPIV3Schema: { type: 'object' } } as const;
  const service = { name: 'converter', namespace: 'default' };
  const webhook = { clientConfig: { service }, conversionReviewVersions: ['v1'] };
  await server.define(
    definitionOf('Hooked', {
      spec: {
        conversion: { strategy: 'Webhook', webhook },
        versions: [
          { name: 'v1', served: true, storage: true, schema: open },
          { name: 'v2', served: true, storage: false, schema: open },
        ],
      },
    }),
  );
  const stored = await server.api.send('GET', `${definitionsPath}/hookeds.example.com`);
  assert.equal(stored.body.spec.conversion.webhook.clientConfig.service.port, 443);
  const objects = (version: string): string => objectsPath('Hooked', version);
  const hooked = (version: string) => ({
    apiVersion: `example.com/${version}`,
    kind: 'Hooked',
    metadata: { name: 'a' },
  });
  assert.equal((await server.api.send('GET', objects('v2'))).code, 200);
  assert.equal((await server.api.send('GET', `${objects('v2')}/a`)).code, 404);
  assert.equal((await server.api.send('POST', objects('v2'), hooked('v2'))).code, 500);
  assert.equal((await server.api.send('POST', objects('v1'), hooked('v1'))).code, 201);
  assert.equal((await server.api.send('GET', `${objects('v1')}/a`)).code, 200);
  for (const path of [objects('v2'), `${objects('v2')}/a`]) {
    const answer = await server.api.send('GET', path);
    assert.equal(answer.code, 500, answer.text);
    assert.match(answer.text, /conversion webhook for example.com\/v2, Kind=Hooked failed/);
  }
});

test('the status is a subresource of its own, and the generation counts the rest', async () => {
  const schema = {
    ...sized,
    properties: { ...sized.properties, status: { type: 'object', properties: { note: { type: 'string' } } } },
  };
  await server.define(definitionOf('Gauge', { schema, version: { subresources: { status: {} } } }));
  const created = await server.create('Gauge', { metadata: { name: 'a' }, spec: { size: 1 }, status: { note: 'no' } });
  assert.deepEqual([created.body.status, created.body.metadata.generation], [undefined, 1]);
  const path = `${objectsPath('Gauge')}/a`;
  const change = { metadata: { labels: { a: 'b' } }, spec: { size: 2 }, status: { note: 'yes' } };
  const status = (await server.api.send('PATCH', `${path}/status`, change, mergePatch)).body;
  assert.deepEqual(
    [status.spec.size, status.status.note, status.metadata.generation, status.metadata.labels],
    [1, 'yes', 1, undefined],
  );
  const main = (await server.api.send('PATCH', path, { spec: { size: 2 }, status: { note: 'no' } }, mergePatch)).body;
  assert.deepEqual([main.spec.size, main.status.note, main.metadata.generation], [2, 'yes', 2]);
  assert.equal(
    (await server.api.send('PATCH', path, { metadata: { labels: { c: 'd' } } }, mergePatch)).body.metadata.generation,
    2,
  );
});

test('a scale shows and sets the replicas where the definition says they are', async () => {
  const version = {
    subresources: {
      scale: {
        specReplicasPath: '.spec.size',
        statusReplicasPath: '.status.size',
        labelSelectorPath: '.status.selector',
      },
    },
  };
  await server.define(definitionOf('Fleet', { version }));
  await server.create('Fleet', { metadata: { name: 'a' }, spec: { size: 3 }, status: { size: 2, selector: 'a=b' } });
  const path = `${objectsPath('Fleet')}/a/scale`;
  const scale = (await server.api.send('GET', path)).body;
  assert.deepEqual([scale.spec, scale.status], [{ replicas: 3 }, { replicas: 2, selector: 'a=b' }]);
  const set = await server.api.send('PATCH', path, { spec: { replicas: 5 } }, mergePatch);
  assert.equal(set.body.spec.replicas, 5);
  assert.equal((await server.api.send('GET', `${objectsPath('Fleet')}/a`)).body.spec.size, 5);
  await server.create('Fleet', { metadata: { name: 'none' } });
  assert.equal((await server.api.send('GET', `${objectsPath('Fleet')}/none/scale`)).code, 500);
});

test('tables have the columns of the definition, also in watches', async () => {
  const additionalPrinterColumns = [
    { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Since', type: 'date', jsonPath: '.spec.since', priority: 1 },
    { name: 'Day', type: 'date', jsonPath: '.spec.day' },
    { name: 'Map', type: 'string', jsonPath: '.spec.map' },
  ];
  await server.define(definitionOf('Shelf', { version: { additionalPrinterColumns } }));
  await server.create('Shelf', {
    metadata: { name: 'a' },
    spec: { size: 3, since: '2020-01-01T00:00:00Z', day: '2020-01-01', map: { b: '<', a: [1] } },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  });
  await server.create('Shelf', { metadata: { name: 'b' } });
  const table = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
  const { body } = await server.api.send('GET', objectsPath('Shelf'), undefined, table);
  assert.deepEqual(
    body.columnDefinitions.map(({ name, type, priority }: { name: string; type: string; priority: number }) => [
      name,
      type,
      priority,
    ]),
    [
      ['Name', 'string', 0],
      ['Size', 'integer', 0],
      ['Ready', 'string', 0],
      ['Since', 'date', 1],
      ['Day', 'date', 0],
      ['Map', 'string', 0],
    ],
  );
  const [first, second] = body.rows;
  assert.deepEqual(first.cells.slice(0, 3), ['a', 3, 'True']);
  assert.match(first.cells[3], /^\d+y\d*d?$/);
  assert.deepEqual(first.cells.slice(4), ['<invalid>', '{"a":[1],"b":"\\u003c"}']);
  assert.deepEqual(second.cells, ['b', null, null, null, null, null]);
  const [event] = await server.api.watch(`${objectsPath('Shelf')}?watch=1`, 1, table);
  assert.deepEqual(event.object.rows[0].cells.slice(0, 3), ['a', 3, 'True']);
});

test('discovery and the OpenAPI documents follow', async () => {
  const aggregated = { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' };
  const before = await server.api.send('GET', '/apis', undefined, aggregated);
  const index = async (): Promise<string> =>
    JSON.parse((await server.api.send('GET', '/openapi/v3')).text).paths['apis/example.com/v1']?.serverRelativeURL;
  const hash = await index();
  await server.define(
    definitionOf('Lamp', {
      schema: {
        type: 'object',
        description: 'gives light',
        properties: { spec: { type: 'object', properties: { size } } },
      },
      names: { shortNames: ['lp'], categories: ['all'] },
      version: {
        subresources: { status: {}, scale: { specReplicasPath: '.spec.a', statusReplicasPath: '.status.a' } },
      },
    }),
  );
  const after = await server.api.send('GET', '/apis', undefined, aggregated);
  assert.notEqual(after.headers['etag'], before.headers['etag']);
  assert.notEqual(await index(), hash);
  const group = after.body.items.find((item: { metadata: { name: string } }) => item.metadata.name === 'example.com');
  const lamp = group.versions
    .find(({ version }: { version: string }) => version === 'v1')
    .resources.find(({ resource }: { resource: string }) => resource === 'lamps');
  assert.deepEqual([lamp.singularResource, lamp.shortNames, lamp.categories], ['lamp', ['lp'], ['all']]);
  const names = (await server.api.send('GET', '/apis/example.com/v1')).body.resources.map(
    ({ name }: { name: string }) => name,
  );
  assert.deepEqual(
    names.filter((name: string) => name.startsWith('lamps')),
    ['lamps', 'lamps/status', 'lamps/scale'],
  );
  const document = (await server.api.send('GET', '/openapi/v3/apis/example.com/v1')).body;
  const schema = document.components.schemas['com.example.v1.Lamp'];
  assert.equal(schema.description, 'gives light');
  assert.deepEqual(schema['x-kubernetes-group-version-kind'], [{ group: 'example.com', kind: 'Lamp', version: 'v1' }]);
  const old = (await server.api.send('GET', '/openapi/v2')).body;
  // The address of a document that is out of date leads to the one that is not; the right one is good for ever.
  const stale = await server.api.send('GET', '/openapi/v3/apis/example.com/v1?hash=OLD');
  assert.deepEqual([stale.code, stale.headers['location']], [301, await index()]);
  const right = await server.api.send('GET', await index());
  assert.deepEqual([right.code, right.headers['cache-control']], [200, 'public, immutable']);
  assert.ok(old.definitions['com.example.v1.LampList']);
  assert.ok(old.paths['/apis/example.com/v1/namespaces/{namespace}/lamps/{name}'].get);
});

test('fields that the definition offers can be selected', async () => {
  const schema = {
    type: 'object',
    properties: { spec: { type: 'object', properties: { color: { type: 'string' } } } },
  };
  await server.define(definitionOf('Pen', { schema, version: { selectableFields: [{ jsonPath: '.spec.color' }] } }));
  for (const color of ['red', 'blue']) await server.create('Pen', { metadata: { name: color }, spec: { color } });
  const red = await server.api.send('GET', `${objectsPath('Pen')}?fieldSelector=spec.color%3Dred`);
  assert.deepEqual(
    red.body.items.map(({ spec }: { spec: { color: string } }) => spec.color),
    ['red'],
  );
  assert.equal((await server.api.send('GET', `${objectsPath('Pen')}?fieldSelector=spec.size%3D1`)).code, 400);
});

test('strategic merge is not offered, and a body says what it is', async () => {
  await server.define(definitionOf('Cup'));
  await server.create('Cup', { metadata: { name: 'a' } });
  const strategic = { 'content-type': 'application/strategic-merge-patch+json' };
  assert.equal((await server.api.send('PATCH', `${objectsPath('Cup')}/a`, {}, strategic)).code, 415);
  assert.equal((await server.api.send('POST', objectsPath('Cup'), { metadata: { name: 'b' } })).code, 400);
  const put = { apiVersion: 'example.com/v1', kind: 'Cup', metadata: { name: 'a' } };
  assert.deepEqual(causesOf(await server.api.send('PUT', `${objectsPath('Cup')}/a`, put)), [
    'FieldValueInvalid metadata.resourceVersion',
  ]);
});

test('a cluster-scoped kind has no namespaces', async () => {
  await server.define(definitionOf('Star', { spec: { scope: 'Cluster' } }));
  const star = { apiVersion: 'example.com/v1', kind: 'Star', metadata: { name: 'a' } };
  assert.equal((await server.api.send('POST', '/apis/example.com/v1/stars', star)).code, 201);
  assert.equal((await server.api.send('GET', '/apis/example.com/v1/stars/a')).body.metadata.namespace, undefined);
  assert.equal((await server.api.send('GET', objectsPath('Star'))).code, 404);
});

test('metadata of objects is that of all kinds', async () => {
  await server.define(definitionOf('Note'));
  const create = (metadata: object, query = '') => server.create('Note', { metadata }, query);
  assert.deepEqual(causesOf(await create({ name: 'Not_A_Name' })), ['FieldValueInvalid metadata.name']);
  assert.deepEqual(causesOf(await create({ name: 'a', labels: { a: '!' } })), ['FieldValueInvalid metadata.labels']);
  assert.match((await create({ generateName: 'n-' })).body.metadata.name, /^n-.{5}$/);
  assert.equal((await create({ name: 'a', labels: { a: 1 } })).code, 400);
  const strict = await create({ name: 'a', odd: 1 }, '?fieldValidation=Strict');
  assert.match(strict.body.message, /unknown field "metadata\.odd"/);
  assert.equal((await create({ name: 'dry' }, '?dryRun=All')).code, 201);
  assert.equal((await server.api.send('GET', `${objectsPath('Note')}/dry`)).code, 404);
});

test('collections of objects go at once, and partial views show metadata', async () => {
  await server.define(definitionOf('Leaf'));
  for (const name of ['a', 'b']) await server.create('Leaf', { metadata: { name, labels: { name } } });
  const partial = { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' };
  const list = await server.api.send('GET', objectsPath('Leaf'), undefined, partial);
  assert.deepEqual(
    list.body.items.map(({ kind }: { kind: string }) => kind),
    ['PartialObjectMetadata', 'PartialObjectMetadata'],
  );
  await server.api.send('DELETE', `${objectsPath('Leaf')}?labelSelector=name%3Da`);
  const left = await server.api.send('GET', objectsPath('Leaf'));
  assert.deepEqual(
    left.body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name),
    ['b'],
  );
});

test('a definition with a format that nobody knows brings a warning', async () => {
  const schema: JsonSchema = {
    type: 'object',
    properties: { a: { type: 'string', format: 'colour' }, b: { type: 'string', format: 'date' } },
  };
  const { headers } = await server.api.send('POST', `${definitionsPath}?dryRun=All`, definitionOf('Tint', { schema }));
  assert.match(String(headers['warning']), /unrecognized format \\"colour\\"/);
});

test('who may use the kind is decided by group and resource', async () => {
  await server.define(definitionOf('Safe'));
  const as = { 'impersonate-user': 'jane' };
  assert.equal((await server.api.send('GET', objectsPath('Safe'), undefined, as)).code, 403);
  const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
  const rules = [{ apiGroups: ['example.com'], resources: ['safes'], verbs: ['list'] }];
  await server.api.send('POST', `${rbac}/roles`, { metadata: { name: 'reader' }, rules });
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' };
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'jane' }];
  await server.api.send('POST', `${rbac}/rolebindings`, { metadata: { name: 'reader' }, roleRef, subjects });
  assert.equal((await server.api.send('GET', objectsPath('Safe'), undefined, as)).code, 200);
});

test('a definition cannot take the place of a kind of Kubernetes itself, nor its objects along', async () => {
  const ingresses = '/apis/networking.k8s.io/v1/namespaces/default/ingresses';
  const backend = { service: { name: 'web', port: { number: 80 } } };
  const ingress = { metadata: { name: 'kept' }, spec: { defaultBackend: backend } };
  assert.equal((await server.api.send('POST', ingresses, ingress)).code, 201);
  const definition = definitionOf('Ingress', {
    names: { plural: 'ingresses' },
    spec: { group: 'networking.k8s.io', names: { plural: 'ingresses', kind: 'Ingress' } },
  });
  const name = 'ingresses.networking.k8s.io';
  const annotations = { 'api-approved.kubernetes.io': 'unapproved, for a test' };
  await server.define({ ...definition, metadata: { name, annotations } } as typeof definition);
  assert.equal((await server.api.send('POST', ingresses, { metadata: { name: 'odd' }, spec: { rules: 1 } })).code, 400);
  const gone = server.until(name, (found) => found === undefined);
  await server.api.send('DELETE', `${definitionsPath}/${name}`);
  await gone;
  assert.equal((await server.api.send('GET', `${ingresses}/kept`)).code, 200);
});
