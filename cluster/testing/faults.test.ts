import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { ConfigMap } from '@skiff/api/types';
import { Client } from '@skiff/client/client';
import { Informer } from '@skiff/client/informer';
import { eventually } from '@skiff/client/testing/eventually';
import { WebSocket } from 'ws';
import { startCluster, type TestCluster } from '../testing.ts';
import { deploymentOf } from './sample-objects.ts';

const bare = { nodes: 0, controllers: false };
const keyOf = (name: string) => ({ namespace: 'default', name });
const create = ({ client }: TestCluster, name: string) =>
  client.resource('ConfigMap').create({ metadata: keyOf(name) });

/** An informer of ConfigMaps that says how often it had to begin anew. */
function informerOf(client: Client, options: { stallMs?: number } = {}) {
  const errors: unknown[] = [];
  const end = new AbortController();
  const informer = new Informer<ConfigMap>(client.resource('ConfigMap'), {
    namespace: 'default',
    onError: (error) => errors.push(error),
    ...options,
  });
  informer.start({ signal: end.signal });
  return { informer, errors, [Symbol.dispose]: () => end.abort() };
}

const running = (cluster: TestCluster): Promise<void> =>
  eventually(() => assert.equal(cluster.requests.of({ verb: 'watch', resource: 'configmaps' }).length, 1));

for (const [name, strike, code, retryAfter] of [
  ['fail', (c: TestCluster) => c.faults.fail({ verb: 'list', resource: 'configmaps' }), 500, undefined],
  ['fail with a reason', (c: TestCluster) => c.faults.fail({ verb: 'list' }, { reason: 'Forbidden' }), 403, undefined],
  ['tooManyRequests', (c: TestCluster) => c.faults.tooManyRequests({ verb: 'list' }, { retryAfter: 7 }), 429, '7'],
  ['expire', (c: TestCluster) => c.faults.expire({ resource: 'configmaps' }), 410, undefined],
] as const) {
  test(`${name} strikes one request, with code ${code}, and no other`, async () => {
    await using cluster = await startCluster(bare);
    strike(cluster);
    const list = (path: string) => fetchOf(cluster, path);
    assert.equal((await list('/version')).code, 200);
    const struck = await list('/api/v1/namespaces/default/configmaps');
    assert.equal(struck.code, code);
    assert.equal(struck.retryAfter, retryAfter);
    assert.equal(struck.body.code, code);
    assert.equal((await list('/api/v1/namespaces/default/configmaps')).code, 200);
  });
}

/** As a foreign client: over TLS. */
async function fetchOf({ credentials }: TestCluster, path: string) {
  const { request } = await import('node:https');
  const { server, ...tls } = credentials;
  return new Promise<{ code: number; retryAfter: string | undefined; body: { code?: number } }>((resolve, reject) => {
    request(`${server}${path}`, { ...tls, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({
          code: response.statusCode ?? 0,
          retryAfter: response.headers['retry-after'],
          body: JSON.parse(text),
        }),
      );
    })
      .on('error', reject)
      .end();
  });
}

test('conflict strikes the next update, as if somebody else had been faster', async () => {
  await using cluster = await startCluster(bare);
  const maps = cluster.client.resource('ConfigMap');
  const map = await create(cluster, 'one');
  cluster.faults.conflict({ resource: 'configmaps' }, { times: 2 });
  await assert.rejects(maps.update({ ...map, data: { a: '1' } }), { reason: 'Conflict', code: 409 });
  await assert.rejects(maps.patch(keyOf('one'), { data: { a: '1' } }), /the object has been modified/);
  assert.deepEqual((await maps.update({ ...map, data: { a: '1' } })).data, { a: '1' });
});

test('a fault for always strikes until it is taken back', async () => {
  await using cluster = await startCluster(bare);
  const undo = cluster.faults.fail({ verb: 'create' }, { times: 'always', reason: 'ServiceUnavailable' });
  for (const name of ['a', 'b']) await assert.rejects(create(cluster, name), { code: 503 });
  undo();
  await create(cluster, 'c');
});

test('requests that are held are answered when the hold is taken back', async () => {
  await using cluster = await startCluster(bare);
  const release = cluster.faults.hold({ verb: 'list' });
  let answered = false;
  const list = cluster.client
    .resource('ConfigMap')
    .list()
    .then(() => {
      answered = true;
    });
  await create(cluster, 'meanwhile');
  assert.equal(answered, false);
  release();
  await list;
});

test('a slow list comes after its time', async (context) => {
  await using cluster = await startCluster(bare);
  cluster.faults.slow({ verb: 'list' }, { ms: 20_000, times: 1 });
  context.mock.timers.enable({ apis: ['setTimeout'] });
  let answered = false;
  const list = cluster.client
    .resource('ConfigMap')
    .list()
    .then(() => {
      answered = true;
    });
  await create(cluster, 'meanwhile');
  context.mock.timers.tick(19_999);
  await create(cluster, 'later');
  assert.equal(answered, false);
  context.mock.timers.tick(1);
  await list;
});

test('an informer outlives watches that are dropped, expired and refused, and knows the truth', async () => {
  await using cluster = await startCluster(bare);
  using watching = informerOf(cluster.client);
  const { informer } = watching;
  const knows = (...names: string[]) =>
    eventually(() =>
      assert.deepEqual(
        informer
          .list()
          .map(({ metadata }) => metadata.name)
          .sort(),
        names,
      ),
    );
  await informer.synced();
  await running(cluster);
  assert.equal(cluster.faults.dropWatches({ resource: 'configmaps' }), 1);
  await create(cluster, 'a');
  await knows('a');
  assert.equal(cluster.faults.expireWatches(), 1);
  await create(cluster, 'b');
  await knows('a', 'b');
  cluster.faults.expire({ verb: 'watch' });
  cluster.faults.fail({ verb: ['list', 'watch'] }, { times: 3 });
  cluster.faults.dropWatches();
  await create(cluster, 'c');
  await knows('a', 'b', 'c');
});

test('a stalled watch shows nothing until it goes on, and then everything', async () => {
  await using cluster = await startCluster(bare);
  using watching = informerOf(cluster.client);
  await watching.informer.synced();
  await running(cluster);
  const resume = cluster.faults.stallWatches();
  await create(cluster, 'late');
  await cluster.client.resource('ConfigMap').list();
  assert.deepEqual(watching.informer.list(), []);
  resume();
  await eventually(() => assert.equal(watching.informer.list().length, 1));
});

test('an informer replaces a watch that stalls', async () => {
  await using cluster = await startCluster(bare);
  const { credentials } = cluster;
  using client = new Client(credentials);
  using watching = informerOf(client, { stallMs: 100 });
  await watching.informer.synced();
  await running(cluster);
  const resume = cluster.faults.stallWatches();
  await create(cluster, 'late');
  await eventually(() => assert.ok(watching.errors.length > 0));
  assert.deepEqual(watching.informer.list(), []);
  resume();
  await eventually(() => assert.equal(watching.informer.list().length, 1));
});

test("the cluster's own parts are spared, unless a test wants them struck", async () => {
  await using cluster = await startCluster({ nodes: 1 });
  cluster.faults.fail({}, { times: 'always' });
  const seen = cluster.faults.fail({ verb: 'create', resource: 'replicasets', ownParts: true }, { times: 2 });
  await assert.rejects(cluster.client.resource('Pod').list(), { code: 500 });
  cluster.faults.clear();
  seen();
  await cluster.client.resource('Deployment').create(deploymentOf('web', 1));
  cluster.faults.dropWatches({ ownParts: true });
  await eventually(async () => {
    const { status } = await cluster.client.resource('Deployment').get(keyOf('web'));
    assert.equal(status?.availableReplicas, 1);
  });
});

test('a paused controller leaves its work until it goes on', async () => {
  await using cluster = await startCluster({ nodes: 1 });
  const resume = await cluster.faults.pauseController('deployment-controller');
  await cluster.client.resource('Deployment').create(deploymentOf('web', 1));
  await cluster.client.resource('Namespace').create({ metadata: { name: 'later' } });
  await eventually(() => cluster.client.resource('ServiceAccount').get({ namespace: 'later', name: 'default' }));
  assert.deepEqual((await cluster.client.resource('ReplicaSet').list()).items, []);
  resume();
  await eventually(async () => {
    const { status } = await cluster.client.resource('Deployment').get(keyOf('web'));
    assert.equal(status?.availableReplicas, 1);
  });
  await assert.rejects(
    cluster.faults.pauseController('nobody'),
    /there is no controller "nobody"; there are .*default-scheduler/,
  );
});

test('requests are recorded in order, with their bodies and answers, and without those of the own parts', async () => {
  await using cluster = await startCluster({ nodes: 1 });
  cluster.requests.clear();
  await create(cluster, 'one');
  await assert.rejects(cluster.client.resource('ConfigMap').get(keyOf('two')));
  await fetchOf(cluster, '/version');
  const seen = cluster.requests.all.map(({ method, path, userAgent }) => [method, path, userAgent]);
  assert.deepEqual(seen, [
    ['POST', '/api/v1/namespaces/default/configmaps', 'skiff-test'],
    ['GET', '/api/v1/namespaces/default/configmaps/two', 'skiff-test'],
    ['GET', '/version', ''],
  ]);
  const [made] = cluster.requests.of({ verb: 'create', resource: 'configmaps' });
  assert.equal(JSON.parse(made?.body ?? '').metadata.name, 'one');
  assert.deepEqual(
    cluster.requests.all.map(({ code }) => code),
    [201, 404, 200],
  );
});

test('a watch over a WebSocket is recorded, stalled and dropped as one over HTTP', async () => {
  await using cluster = await startCluster(bare);
  const { server, ...tls } = cluster.credentials;
  const path = '/api/v1/namespaces/default/configmaps?watch=1';
  const socket = new WebSocket(`${server.replace('https', 'wss')}${path}`, tls);
  const names: string[] = [];
  socket.on('message', (text) => names.push(JSON.parse(String(text)).object.metadata.name));
  await once(socket, 'open');
  assert.deepEqual(
    cluster.requests.all.map((request) => request.path),
    [path],
  );
  const resume = cluster.faults.stallWatches();
  await create(cluster, 'late');
  await cluster.client.resource('ConfigMap').list();
  assert.deepEqual(names, []);
  resume();
  await eventually(() => assert.deepEqual(names, ['late']));
  const closed = once(socket, 'close');
  assert.equal(cluster.faults.dropWatches(), 1);
  await closed;
});
