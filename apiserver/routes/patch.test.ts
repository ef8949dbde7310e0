import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { TestServer } from '../testing.ts';

const server = await TestServer.start();
after(() => server[Symbol.asyncDispose]());

const namespace = '/api/v1/namespaces/default';
const types = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};
const path = `${namespace}/configmaps/patched`;
await server.send('POST', `${namespace}/configmaps`, { metadata: { name: 'patched' }, data: { a: '1' } });

const patch = (type: keyof typeof types, body: unknown, query = '') =>
  server.send('PATCH', `${path}${query}`, body, { 'content-type': types[type] });

const faulty: Record<string, { type: keyof typeof types; body: string; fault: string }> = {
  'a merge patch that repeats a field': {
    type: 'merge',
    body: '{"data":{"b":"1","b":"2"}}',
    fault: 'duplicate field "data.b"',
  },
  'a strategic merge patch that repeats a field': {
    type: 'strategic',
    body: '{"data":{"b":"1","b":"2"}}',
    fault: 'duplicate field "data.b"',
  },
  'a JSON patch that repeats a member': {
    type: 'json',
    body: '[{"op":"add","op":"add","path":"/data/b","value":"2"}]',
    fault: 'json patch duplicate field "[0].op"',
  },
  'a JSON patch with another member': {
    type: 'json',
    body: '[{"op":"add","path":"/data/b","value":"2","why":"x"}]',
    fault: 'json patch unknown field "[0].why"',
  },
  'a patch that adds an unknown field': { type: 'merge', body: '{"nope":1}', fault: 'unknown field "nope"' },
};

for (const [what, { type, body, fault }] of Object.entries(faulty)) {
  test(`${what} is warned of, refused where validation is strict, and let through where it is off`, async () => {
    const warned = await patch(type, body);
    assert.equal(warned.code, 200);
    assert.equal(warned.headers['warning'], `299 - "${fault.replaceAll('"', '\\"')}"`);
    const refused = await patch(type, body, '?fieldValidation=Strict');
    assert.equal(refused.code, 422);
    assert.deepEqual(refused.body.details.causes[0].field, 'patch');
    assert.ok(refused.body.message.includes(`strict decoding error: ${fault}`));
    const ignored = await patch(type, body, '?fieldValidation=Ignore');
    assert.deepEqual([ignored.code, ignored.headers['warning']], [200, undefined]);
  });
}

for (const type of ['json', 'merge', 'strategic'] as const) {
  test(`a ${type} patch that is no JSON is refused with 400`, async () => {
    assert.equal((await patch(type, 'data: {}')).code, 400);
  });
}

test('patches without a version of the object all come about, also when they race', async () => {
  const racing = Array.from({ length: 20 }, (_, index) => patch('merge', { data: { [`k${index}`]: '1' } }));
  for (const { code } of await Promise.all(racing)) assert.equal(code, 200);
  const { body } = await server.send('GET', path);
  assert.equal(Object.keys(body.data).filter((name) => name.startsWith('k')).length, 20);
});

test('a patch with the version of an older state is a conflict', async () => {
  const { body } = await server.send('GET', path);
  const { resourceVersion } = body.metadata;
  assert.equal((await patch('merge', { metadata: { resourceVersion }, data: { v: '1' } })).code, 200);
  assert.equal((await patch('merge', { metadata: { resourceVersion }, data: { v: '2' } })).code, 409);
});

test('a patch leaves the kind as it is, or is refused', async () => {
  for (const change of [{ kind: 'Secret' }, { apiVersion: 'v2' }]) {
    const { code, body } = await patch('merge', change);
    assert.deepEqual([code, body.details.causes[0].field], [422, 'patch']);
    const replaced = await patch('strategic', change);
    assert.deepEqual([replaced.code, replaced.body.kind, replaced.body.apiVersion], [200, 'ConfigMap', 'v1']);
  }
  const without = await patch('merge', { kind: null });
  assert.deepEqual([without.code, without.body.kind], [200, 'ConfigMap']);
});
