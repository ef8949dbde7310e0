import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TestServer } from '../testing.ts';

let api: TestServer;
const all = '/api/v1/namespaces';
const path = `${all}/ending`;
const merge = { 'content-type': 'application/merge-patch+json' };

before(async () => {
  api = await TestServer.start();
  await api.send('POST', all, { metadata: { name: 'ending' } });
  await api.send('POST', `${path}/serviceaccounts`, { metadata: { name: 'default' } });
  await api.send('POST', `${path}/pods`, {
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  });
  await api.send('DELETE', path);
});
after(() => api[Symbol.asyncDispose]());

const map = { apiVersion: 'v1', kind: 'ConfigMap' };
const refused: Record<string, readonly [method: string, path: string, body: object, name: string, kind: string]> = {
  'an object': ['POST', 'configmaps', { metadata: { name: 'a' } }, 'a', 'configmaps'],
  'an object with a name to come': ['POST', 'configmaps', { metadata: { generateName: 'a-' } }, 'a-', 'configmaps'],
  'an object that is not valid either': ['POST', 'configmaps', { metadata: { name: 'A' } }, 'A', 'configmaps'],
  'an object by an apply': [
    'PATCH',
    'configmaps/a?fieldManager=m',
    { ...map, metadata: { name: 'a' } },
    'a',
    'configmaps',
  ],
  'a token': ['POST', 'serviceaccounts/default/token', { spec: {} }, 'default', 'serviceaccounts'],
  'a binding': ['POST', 'pods/p/binding', { target: { name: 'n' } }, 'p', 'pods'],
  'an eviction': ['POST', 'pods/p/eviction', {}, 'p', 'pods'],
};
for (const [what, [method, rest, body, name, kind]] of Object.entries(refused)) {
  test(`a namespace that is ending takes no new content: ${what}`, async () => {
    const apply = method === 'PATCH' ? { 'content-type': 'application/apply-patch+yaml' } : {};
    const answer = await api.send(method, `${path}/${rest}`, body, apply);
    assert.equal(answer.code, 403, answer.text);
    const { causes, ...details } = answer.body.details;
    assert.deepEqual(details, { name, kind });
    assert.deepEqual(causes, [
      { reason: 'NamespaceTerminating', message: 'namespace ending is being terminated', field: 'metadata.namespace' },
    ]);
  });
}

test('a namespace that is not there is what is missing', async () => {
  for (const rest of ['configmaps', 'pods/p/eviction', 'serviceaccounts/default/token']) {
    const { code, body } = await api.send('POST', `${all}/none/${rest}`, { metadata: {} });
    assert.deepEqual([code, body.details], [404, { name: 'none', kind: 'namespaces' }], rest);
  }
});

test('what becomes of dependents is nothing that the deletion of a namespace asks', async () => {
  for (const policy of ['Orphan', 'Foreground', 'Background']) {
    const name = `n-${policy.toLowerCase()}`;
    await api.send('POST', all, { metadata: { name } });
    const { code, body } = await api.send('DELETE', `${all}/${name}?propagationPolicy=${policy}`);
    assert.deepEqual([code, body.metadata.finalizers, body.status.phase], [200, undefined, 'Terminating']);
  }
});

test('a precondition that a namespace does not meet is a conflict about namespaces', async () => {
  await api.send('POST', all, { metadata: { name: 'kept' } });
  const { code, body } = await api.send('DELETE', `${all}/kept`, { preconditions: { uid: 'another' } });
  assert.deepEqual([code, body.details], [409, { name: 'kept', kind: 'namespaces' }]);
});

test('finalize replaces the finalizers of the spec, and the labels, and an ending namespace without any goes', async () => {
  await api.send('POST', all, { metadata: { name: 'f', labels: { a: 'b' } }, spec: { finalizers: ['example.com/x'] } });
  const finalize = (finalizers: string[]) =>
    api.send('PUT', `${all}/f/finalize`, { metadata: { name: 'f' }, spec: { finalizers } });
  const { body } = await finalize(['example.com/y']);
  assert.deepEqual(body.spec, { finalizers: ['example.com/y'] });
  assert.deepEqual(body.metadata.labels, { 'kubernetes.io/metadata.name': 'f' });
  assert.equal((await finalize(['y'])).code, 422);
  assert.equal((await api.send('DELETE', `${all}/f`)).code, 200);
  assert.equal((await finalize([])).code, 200);
  assert.equal((await api.send('GET', `${all}/f`)).code, 404);
});

test('a DELETE in the old way says by its code that the object is not gone yet', async () => {
  const maps = `${all}/default/configmaps`;
  for (const [finalizers, code] of [
    [['example.com/hold'], 202],
    [[], 200],
  ] as const) {
    await api.send('POST', maps, { metadata: { name: 'old', finalizers } });
    assert.equal((await api.send('DELETE', `${maps}/old?orphanDependents=false`)).code, code);
    await api.send('PATCH', `${maps}/old`, { metadata: { finalizers: null } }, merge);
  }
});
