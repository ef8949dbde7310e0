import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Answered, TestServer } from '../testing.ts';

let api: TestServer;
let namespaces = 0;
const merge = { 'content-type': 'application/merge-patch+json' };

before(async () => {
  api = await TestServer.start();
});
after(() => api[Symbol.asyncDispose]());

interface Room {
  readonly path: string;
  readonly quota: (spec: object) => Promise<void>;
  readonly used: () => Promise<Record<string, string>>;
  readonly pod: (spec?: object) => Promise<Answered>;
  readonly make: (plural: string, object: object) => Promise<Answered>;
}

/** A namespace of its own, whose quota the controller has seen. */
async function room(): Promise<Room> {
  const name = `n${++namespaces}`;
  const path = `/api/v1/namespaces/${name}`;
  await api.send('POST', '/api/v1/namespaces', { metadata: { name } });
  await api.send('POST', `${path}/serviceaccounts`, { metadata: { name: 'default' } });
  const make = (plural: string, object: object) =>
    api.send('POST', `${path}/${plural}`, { metadata: { generateName: 'x-' }, ...object });
  return {
    path,
    make,
    async quota(spec) {
      const made = await api.send('POST', `${path}/resourcequotas`, { metadata: { name: 'q' }, spec });
      assert.equal(made.code, 201, made.text);
      const status = { hard: made.body.spec.hard, used: {} };
      await api.send('PATCH', `${path}/resourcequotas/q/status`, { status }, merge);
    },
    used: async () => (await api.send('GET', `${path}/resourcequotas/q`)).body.status.used,
    pod: (spec = {}) => make('pods', { spec: { containers: [{ name: 'c', image: 'i' }], ...spec } }),
  };
}

const container = (resources: object): object => ({ containers: [{ name: 'c', image: 'i', resources }] });

test('what would exceed a quota is forbidden, and says by how much', async () => {
  const { quota, used, pod } = await room();
  await quota({ hard: { pods: '2' } });
  assert.equal((await pod()).code, 201);
  assert.equal((await pod()).code, 201);
  assert.deepEqual(await used(), { pods: '2' });
  const refused = await pod();
  assert.deepEqual([refused.code, refused.body.reason], [403, 'Forbidden']);
  assert.match(refused.body.message, /exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2/);
});

test('a quota is asked for objects that are valid', async () => {
  const { quota, make } = await room();
  await quota({ hard: { configmaps: '0' } });
  assert.equal((await make('configmaps', { metadata: { name: 'Bad' } })).code, 422);
  assert.equal((await make('configmaps', { metadata: { name: 'good' } })).code, 403);
});

test('what is created at the same time is counted together', async () => {
  const { quota, used, make } = await room();
  await quota({ hard: { configmaps: '3' } });
  const answers = await Promise.all(Array.from({ length: 8 }, () => make('configmaps', {})));
  assert.equal(answers.filter(({ code }) => code === 201).length, 3);
  assert.deepEqual(await used(), { configmaps: '3' });
});

test('what is deleted gives its share back', async () => {
  const { path, quota, used, make } = await room();
  await quota({ hard: { secrets: '1', 'count/secrets': '1' } });
  const { body } = await make('secrets', {});
  assert.equal((await make('secrets', {})).code, 403);
  await api.send('DELETE', `${path}/secrets/${body.metadata.name}`);
  assert.deepEqual(await used(), { 'count/secrets': '0', secrets: '0' });
  assert.equal((await make('secrets', {})).code, 201);
});

test('a dry run is refused alike and takes nothing', async () => {
  const { path, quota, pod } = await room();
  await quota({ hard: { pods: '1' } });
  const spec = { containers: [{ name: 'c', image: 'i' }] };
  const dry = (): Promise<Answered> => api.send('POST', `${path}/pods?dryRun=All`, { metadata: { name: 'd' }, spec });
  assert.equal((await dry()).code, 201);
  assert.equal((await pod()).code, 201);
  assert.equal((await dry()).code, 403);
});

test('containers must say what a quota limits', async () => {
  const { quota, used, pod } = await room();
  await quota({ hard: { 'requests.cpu': '1', 'limits.memory': '1Gi' } });
  const silent = await pod();
  assert.match(silent.body.message, /failed quota: q: must specify limits.memory for: c; requests.cpu for: c/);
  const resources = { requests: { cpu: '600m' }, limits: { memory: '256Mi' } };
  assert.equal((await pod(container(resources))).code, 201);
  assert.deepEqual(await used(), { 'limits.memory': '256Mi', 'requests.cpu': '600m' });
  assert.match((await pod(container(resources))).body.message, /exceeded quota: q, requested: requests.cpu=600m/);
});

test('a quota counts only what is in its scope', async () => {
  const { quota, pod } = await room();
  await quota({ hard: { pods: '0' }, scopes: ['BestEffort'] });
  assert.equal((await pod()).code, 403);
  assert.equal((await pod(container({ requests: { cpu: '1' } }))).code, 201);
});

test('node ports count by port, also when a Service comes to need them', async () => {
  const { path, quota, make } = await room();
  await quota({ hard: { 'services.nodeports': '1' } });
  const ports = [
    { name: 'a', port: 80 },
    { name: 'b', port: 81 },
  ];
  assert.equal((await make('services', { spec: { type: 'NodePort', ports } })).code, 403);
  const { body } = await make('services', { spec: { ports } });
  const change = { spec: { type: 'NodePort' } };
  assert.equal((await api.send('PATCH', `${path}/services/${body.metadata.name}`, change, merge)).code, 403);
});

test('claims count by their size and their class', async () => {
  const { quota, used, make } = await room();
  await quota({ hard: { 'requests.storage': '2Gi', 'fast.storageclass.storage.k8s.io/persistentvolumeclaims': '1' } });
  const spec = {
    accessModes: ['ReadWriteOnce'],
    storageClassName: 'fast',
    resources: { requests: { storage: '1Gi' } },
  };
  assert.equal((await make('persistentvolumeclaims', { spec })).code, 201);
  assert.deepEqual(await used(), {
    'fast.storageclass.storage.k8s.io/persistentvolumeclaims': '1',
    'requests.storage': '1Gi',
  });
  assert.equal((await make('persistentvolumeclaims', { spec })).code, 403);
});
