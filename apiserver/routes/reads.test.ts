import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { TestServer } from '../testing.ts';

let api: TestServer;
before(async () => {
  api = await TestServer.start();
});
after(() => api[Symbol.asyncDispose]());

const secrets = '/api/v1/namespaces/default/secrets';
const merge = { 'content-type': 'application/merge-patch+json' };
const asTable = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
const secret = (name: string, labels: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, labels },
});
const create = async (name: string, labels?: object): Promise<string> =>
  (await api.send('POST', secrets, secret(name, labels))).body.metadata.resourceVersion;
const names = (items: { metadata: { name: string } }[]): string[] => items.map((item) => item.metadata.name);
const shown = (events: { type: string; object: { metadata: { name?: string } } }[]): string[] =>
  events.map((event) => `${event.type} ${event.object.metadata.name ?? ''}`.trim());

test('limit and continue page through one revision', async () => {
  for (const name of ['p1', 'p2', 'p3']) await create(name, { page: 'x' });
  const first = (await api.send('GET', `${secrets}?labelSelector=page&limit=2`)).body;
  assert.deepEqual(names(first.items), ['p1', 'p2']);
  await create('p4', { page: 'x' });
  const second = (await api.send('GET', `${secrets}?labelSelector=page&limit=2&continue=${first.metadata.continue}`))
    .body;
  assert.deepEqual(names(second.items), ['p3']);
  assert.equal(second.metadata.resourceVersion, first.metadata.resourceVersion);
  assert.equal(second.metadata.continue, undefined);
  assert.equal((await api.send('GET', `${secrets}?continue=nonsense`)).code, 400);
  const { body: any } = await api.send('GET', `${secrets}?labelSelector=page&limit=2&resourceVersion=0`);
  assert.deepEqual([any.items.length, any.metadata.continue], [4, undefined]);
});

test('resourceVersionMatch decides which version a list shows', async () => {
  const version = await create('v1', { v: 'x' });
  await create('v2', { v: 'x' });
  const at = (query: string) => api.send('GET', `${secrets}?labelSelector=v&${query}`);
  assert.deepEqual(names((await at(`resourceVersion=${version}&resourceVersionMatch=Exact`)).body.items), ['v1']);
  assert.deepEqual(names((await at(`resourceVersion=${version}`)).body.items), ['v1', 'v2']);
  assert.deepEqual(names((await at('resourceVersion=0')).body.items), ['v1', 'v2']);
  const future = await at('resourceVersion=9000000000000');
  assert.equal(future.code, 504);
  assert.equal(future.body.details.causes[0].reason, 'ResourceVersionTooLarge');
  assert.equal((await at('resourceVersionMatch=Exact')).code, 422);
  assert.equal((await at('resourceVersion=x')).code, 400);
});

test('lists and objects show as tables and as metadata', async () => {
  await create('shown', { shown: 'x' });
  const table = (await api.send('GET', `${secrets}?labelSelector=shown`, undefined, asTable)).body;
  assert.equal(table.kind, 'Table');
  assert.equal(table.rows[0].cells[0], 'shown');
  assert.equal(table.rows[0].object.kind, 'PartialObjectMetadata');
  const partial = { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' };
  assert.equal((await api.send('GET', `${secrets}/shown`, undefined, partial)).body.kind, 'PartialObjectMetadata');
  assert.equal((await api.send('GET', secrets, undefined, partial)).code, 406);
  const partials = { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' };
  assert.equal((await api.send('GET', secrets, undefined, partials)).body.kind, 'PartialObjectMetadataList');
});

test('a watch resumes after a version, and a selection turns changes into ADDED and DELETED', async () => {
  const version = await create('w', { w: 'no' });
  const patch = (labels: object) => api.send('PATCH', `${secrets}/w`, { metadata: { labels } }, merge);
  await patch({ w: 'yes' });
  await patch({ more: 'x' });
  await patch({ w: 'no' });
  await api.send('DELETE', `${secrets}/w`);
  const events = await api.watch(
    `${secrets}?watch=1&resourceVersion=${version}&labelSelector=w%3Dyes&timeoutSeconds=1`,
    9,
  );
  assert.deepEqual(shown(events), ['ADDED w', 'MODIFIED w', 'DELETED w']);
  assert.equal(events[2]?.object.metadata.labels.w, 'yes');
});

test('a watch without a version begins with what is there', async () => {
  await create('there', { there: 'x' });
  assert.deepEqual(shown(await api.watch(`${secrets}?watch=1&labelSelector=there`, 1)), ['ADDED there']);
});

test('sendInitialEvents ends what is there with a bookmark', async () => {
  await create('initial', { initial: 'x' });
  const query =
    'watch=1&labelSelector=initial&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
  const [added, bookmark] = await api.watch(`${secrets}?${query}`, 2);
  assert.equal(added?.type, 'ADDED');
  assert.equal(bookmark?.type, 'BOOKMARK');
  assert.deepEqual(bookmark?.object.metadata.annotations, { 'k8s.io/initial-events-end': 'true' });
  assert.equal((await api.send('GET', `${secrets}?watch=1&sendInitialEvents=true`)).code, 422);
});

test('sendInitialEvents=false leaves out what is there, also without a version', async () => {
  await create('before', { silent: 'x' });
  const query =
    'watch=1&labelSelector=silent&sendInitialEvents=false&resourceVersionMatch=NotOlderThan&timeoutSeconds=5';
  for (const version of ['', '0']) {
    const name = `silent${version}`;
    const watching = api.watch(`${secrets}?${query}&resourceVersion=${version}`, 1);
    // The watch may begin after any of them: the first that it tells of is one of these.
    const events = await Promise.race([watching, createUntil(watching, name)]);
    assert.match(String(shown(events)[0]), new RegExp(`^ADDED ${name}-`));
  }
});

async function createUntil<T>(done: Promise<T>, name: string): Promise<T> {
  let ended = false;
  void done.finally(() => {
    ended = true;
  });
  for (let number = 0; !ended; number++) await create(`${name}-${number}`, { silent: 'x' });
  return done;
}

const selectable: readonly (readonly [path: string, selector: string, answer: number | string])[] = [
  ['/api/v1/pods', 'spec.nodeName=a,spec.host=a,status.podIPs=,metadata.namespace=x', 200],
  ['/api/v1/pods', 'spec.hostNetwork!=true,status.nominatedNodeName=,spec.schedulerName=a', 200],
  ['/api/v1/pods', 'metadata.uid=a', 'field label not supported: metadata.uid'],
  ['/api/v1/nodes', 'metadata.name=a,spec.unschedulable=true', 200],
  ['/api/v1/nodes', 'metadata.namespace=a', 'field label not supported: metadata.namespace'],
  ['/api/v1/namespaces', 'status.phase=Active', 200],
  ['/api/v1/namespaces', 'name=a', 'field label not supported: name'],
  ['/api/v1/events', 'involvedObject.uid=a,reason!=b,source=c,type=d', 200],
  ['/api/v1/services', 'spec.clusterIP=None,spec.type=ClusterIP', 200],
  ['/api/v1/secrets', 'type=Opaque', 200],
  ['/api/v1/configmaps', 'data=a', '"data" is not a known field selector: only "metadata.name", "metadata.namespace"'],
  ['/apis/apps/v1/deployments', 'metadata.name=a,metadata.namespace!=b', 200],
  [
    '/apis/apps/v1/deployments',
    'status.replicas=1',
    '"status.replicas" is not a known field selector: only "metadata.name", "metadata.namespace"',
  ],
  ['/apis/rbac.authorization.k8s.io/v1/clusterroles', 'metadata.namespace=a', 200],
];

test('field selectors name what their kind offers', async () => {
  for (const [path, selector, answer] of selectable) {
    for (const more of ['', '&watch=1&timeoutSeconds=1&resourceVersion=1']) {
      if (more && answer === 200) continue;
      const query = `fieldSelector=${encodeURIComponent(selector)}${more}`;
      const { code, body } = await api.send('GET', `${path}?${query}`);
      assert.deepEqual(
        answer === 200 ? code : [code, body.reason, body.message],
        answer === 200 ? 200 : [400, 'BadRequest', answer],
        `${path} ${selector}`,
      );
    }
  }
});

test('the old paths of watches are served, for one object too', async () => {
  for (const name of ['old-one', 'old-two']) await create(name, { old: '' });
  const path = '/api/v1/watch/namespaces/default/secrets';
  assert.deepEqual(shown(await api.watch(`${path}?labelSelector=old`, 2)), ['ADDED old-one', 'ADDED old-two']);
  assert.deepEqual(shown(await api.watch(`${path}/old-two?labelSelector=old`, 1)), ['ADDED old-two']);
  assert.equal((await frames(`${path}/old-two?labelSelector=old&timeoutSeconds=1`, {})).length, 1);
  assert.equal((await api.send('POST', path, {})).code, 405);
  assert.equal((await api.send('GET', `${path}/old-two/status`)).code, 404);
});

test('a watch of tables sends the columns once', async () => {
  await create('t1', { t: 'x' });
  await create('t2', { t: 'x' });
  const events = await api.watch(`${secrets}?watch=1&labelSelector=t`, 2, asTable);
  assert.ok(events[0]?.object.columnDefinitions.length > 0);
  assert.equal(events[1]?.object.columnDefinitions, null);
});

test('the bookmark of a watch of tables is the row of an empty object, in the version that was asked for', async () => {
  const query =
    'watch=1&labelSelector=b&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=1';
  const accept = 'application/json;as=Table;v=v1beta1;g=meta.k8s.io';
  const [event] = await api.watch(`${secrets}?${query}`, 1, { accept });
  const { apiVersion, metadata, rows } = event?.object ?? {};
  assert.deepEqual(
    [event?.type, apiVersion, Object.keys(metadata)],
    ['BOOKMARK', 'meta.k8s.io/v1beta1', ['resourceVersion']],
  );
  const annotations = { 'k8s.io/initial-events-end': 'true' };
  const object = { kind: 'PartialObjectMetadata', apiVersion, metadata: { ...metadata, annotations } };
  assert.deepEqual(rows, [{ cells: ['', '', 0, '<unknown>'], object }]);
});

test('a watch ends by itself after timeoutSeconds, with a bookmark where it may', async () => {
  await create('late', { late: 'x' });
  const events = await api.watch(
    `${secrets}?watch=1&labelSelector=none&resourceVersion=1&allowWatchBookmarks=true&timeoutSeconds=1`,
    9,
  );
  assert.ok(events.every((event) => event.type === 'BOOKMARK'));
});

test('a WebSocket on the same URL gets a frame per event', async () => {
  const version = await create('ws0', { ws: 'x' });
  const query = `watch=1&labelSelector=ws&resourceVersion=${version}`;
  const socket = new WebSocket(`ws+unix://${api.socketPath}:${secrets}?${query}`);
  await once(socket, 'open');
  const message = once(socket, 'message');
  await create('ws1', { ws: 'x' });
  const [data] = await message;
  assert.deepEqual(shown([JSON.parse(String(data))]), ['ADDED ws1']);
  socket.terminate();
});

/** What a watch that ends by itself sends in frames. */
async function frames(path: string, headers: Record<string, string>): Promise<unknown[]> {
  const socket = new WebSocket(`ws+unix://${api.socketPath}:${path}`, { headers });
  const seen: unknown[] = [];
  socket.on('message', (data, binary) => seen.push(binary ? 'binary' : JSON.parse(String(data))));
  await once(socket, 'close');
  return seen;
}

test('a WebSocket gets what a plain watch gets, in every form', async () => {
  const version = await create('form1', { form: 'x' });
  await create('form2', { form: 'x' });
  await api.send('DELETE', `${secrets}/form1`);
  const initial = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
  const partial = { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' };
  const queries: readonly (readonly [query: string, headers: Record<string, string>])[] = [
    ['', {}],
    [`resourceVersion=${version}`, {}],
    [`resourceVersion=${version}`, asTable],
    [`resourceVersion=${version}`, partial],
    [initial, {}],
    [initial, asTable],
    [initial, partial],
    [`${initial}&fieldSelector=metadata.name%3Dform2`, {}],
  ];
  const compare = async ([query, headers]: (typeof queries)[number]): Promise<void> => {
    const path = `${secrets}?watch=1&timeoutSeconds=1&labelSelector=form&${query}`;
    const [plain, framed] = await Promise.all([api.watch(path, 99, headers), frames(path, headers)]);
    assert.ok(plain.length > 0, path);
    assert.deepEqual(framed, plain, path);
  };
  await Promise.all(queries.map(compare));
});

test('a WebSocket that is no watch is refused in plain HTTP', async () => {
  const socket = new WebSocket(`ws+unix://${api.socketPath}:${secrets}`);
  const [error] = await once(socket, 'error');
  assert.match(String(error), /405/);
});

test('paths, kinds and methods that are not there are answered as kube-apiserver does', async () => {
  const answers = {
    'GET /nothing': [404, undefined],
    'GET /apis/example.com/v1/things': [404, undefined],
    'GET /apis/apps/v9/deployments': [404, 'NotFound'],
    'GET /api/v1/namespaces/default/nodes': [404, 'NotFound'],
    'GET /api/v2': [404, 'NotFound'],
    'POST /api/v1/secrets': [405, 'MethodNotAllowed'],
    'DELETE /api/v1/secrets': [405, 'MethodNotAllowed'],
    [`PUT ${secrets}`]: [405, 'MethodNotAllowed'],
    [`OPTIONS ${secrets}`]: [405, 'MethodNotAllowed'],
    [`GET ${secrets}/none`]: [404, 'NotFound'],
  };
  for (const [line, expected] of Object.entries(answers)) {
    const [method = '', path = ''] = line.split(' ');
    const { code, body } = await api.send(
      method,
      path,
      method === 'POST' || method === 'PUT' ? secret('x') : undefined,
    );
    assert.deepEqual([code, body?.reason], expected, line);
  }
});

test('discovery lists every kind, plainly and aggregated', async () => {
  const plain = (await api.send('GET', '/apis/apps/v1')).body;
  const names = plain.resources.map(({ name }: { name: string }) => name);
  assert.deepEqual(names.slice(0, 3), ['controllerrevisions', 'daemonsets', 'daemonsets/status']);
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const { body, headers } = await api.send('GET', '/apis', undefined, { accept });
  assert.equal(headers['content-type'], accept);
  assert.ok(body.items.some((group: { metadata: { name: string } }) => group.metadata.name === 'apps'));
  const again = await api.send('GET', '/apis', undefined, { accept, 'if-none-match': String(headers['etag']) });
  assert.equal(again.code, 304);
});

test('health and version are there', async () => {
  assert.equal((await api.send('GET', '/livez')).text, 'ok');
  assert.equal((await api.send('GET', '/readyz')).text, 'ok');
  assert.equal((await api.send('GET', '/version')).body.gitVersion, 'v1.36.0+skiff');
});

test('the kubernetes Service points to the advertised address', async () => {
  const { body } = await api.send('GET', '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes');
  assert.deepEqual(body.endpoints[0].addresses, ['172.18.0.1']);
  const service = (await api.send('GET', '/api/v1/namespaces/default/services/kubernetes')).body;
  assert.equal(service.spec.clusterIP, '10.96.0.1');
});

test('a Scale shows as a table of its own', async () => {
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const spec = { replicas: 3, selector: { matchLabels: { a: 'b' } }, template };
  const deployments = '/apis/apps/v1/namespaces/default/deployments';
  await api.send('POST', deployments, { metadata: { name: 'scaled' }, spec });
  const { body } = await api.send('GET', `${deployments}/scaled/scale?includeObject=None`, undefined, asTable);
  assert.deepEqual(
    body.columnDefinitions.map(({ name, type, format }: Record<string, string>) => [name, type, format]),
    [
      ['Name', 'string', ''],
      ['Desired', 'integer', ''],
      ['Available', 'integer', ''],
      ['Age', 'string', ''],
    ],
  );
  assert.deepEqual(body.rows[0].cells.slice(0, 3), ['scaled', 3, 0]);
});

test('rows carry what tables can, and nothing else', async () => {
  for (const [asked, code] of [
    ['', 200],
    ['None', 200],
    ['Metadata', 200],
    ['Object', 200],
    ['Everything', 400],
  ] as const) {
    assert.equal((await api.send('GET', `${secrets}?includeObject=${asked}`, undefined, asTable)).code, code, asked);
  }
  assert.equal((await api.send('GET', `${secrets}?includeObject=Everything`)).code, 200);
});
