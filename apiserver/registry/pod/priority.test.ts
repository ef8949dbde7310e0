import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Answered, TestServer } from '../../testing.ts';

let api: TestServer;
const classes = '/apis/scheduling.k8s.io/v1/priorityclasses';

before(async () => {
  api = await TestServer.start();
  await api.send('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
});
after(() => api[Symbol.asyncDispose]());

const make = (spec: object): Promise<Answered> =>
  api.send('POST', '/api/v1/namespaces/default/pods', {
    metadata: { generateName: 'p-' },
    spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
  });

test('the classes of the system are there', async () => {
  const { items } = (await api.send('GET', classes)).body;
  const values = items.map(({ metadata, value }: { metadata: { name: string }; value: number }) => [
    metadata.name,
    value,
  ]);
  assert.deepEqual(values, [
    ['system-cluster-critical', 2_000_000_000],
    ['system-node-critical', 2_000_001_000],
  ]);
});

test('a Pod gets the priority of its class', async () => {
  await api.send('POST', classes, { metadata: { name: 'high' }, value: 1000, preemptionPolicy: 'Never' });
  const { spec } = (await make({ priorityClassName: 'high' })).body;
  assert.deepEqual([spec.priority, spec.preemptionPolicy], [1000, 'Never']);
});

test('a Pod whose class is not there, or that brings another priority, is forbidden', async () => {
  const refused = await make({ priorityClassName: 'none' });
  assert.deepEqual([refused.code, refused.body.reason], [403, 'Forbidden']);
  assert.match(refused.body.message, /no PriorityClass with name none was found/);
  assert.equal((await make({ priority: 5 })).code, 403);
  assert.equal((await make({ preemptionPolicy: 'Never' })).code, 403);
  assert.equal((await make({ priority: 0, preemptionPolicy: 'PreemptLowerPriority' })).code, 201);
});

test('the default class is that of Pods that name none, and there is one of it', async () => {
  const made = await api.send('POST', classes, { metadata: { name: 'usual' }, value: 7, globalDefault: true });
  assert.equal(made.code, 201);
  const { spec } = (await make({})).body;
  assert.deepEqual([spec.priorityClassName, spec.priority], ['usual', 7]);
  const second = await api.send('POST', classes, { metadata: { name: 'other' }, value: 8, globalDefault: true });
  assert.equal(second.code, 403);
  await api.send('DELETE', `${classes}/usual`);
  assert.equal((await make({})).body.spec.priority, 0);
});

test('a Pod that is refused before it has a name is called by what its name begins with', async () => {
  for (const spec of [{ priorityClassName: 'none' }, { runtimeClassName: 'none' }, { serviceAccountName: 'none' }]) {
    const { code, body } = await make(spec);
    assert.deepEqual([code, body.details], [403, { name: 'p-', kind: 'pods' }], JSON.stringify(spec));
  }
});
