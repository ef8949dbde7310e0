import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { apiVersionOf, collectionPath, type Kind, kinds, verbs, views } from '@skiff/api/kinds';
import { type Answered, TestServer } from './testing.ts';
import { least, names, viewed } from './testing-objects.ts';

let api: TestServer;
before(async () => {
  api = await TestServer.start();
  await api.send('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
});
after(() => api[Symbol.asyncDispose]());

const merge = { 'content-type': 'application/merge-patch+json' };

/** Does every verb to an object of a kind, and answers with the code of each; null where the kind does not have it. */
async function everyVerb(kind: Kind): Promise<Record<string, number | null>> {
  const path = collectionPath(kind, 'default');
  const name = names[kind.kind] ?? 'x';
  const fields = viewed[apiVersionOf(kind)] ?? least[kind.kind] ?? {};
  const object = { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: { name, labels: { l: 'v' } }, ...fields };
  const create = (): Promise<Answered> => api.send('POST', path, object);
  const acts: Record<(typeof verbs)[number], () => Promise<Answered>> = {
    create,
    get: () => api.send('GET', `${path}/${name}`),
    list: () => api.send('GET', `${path}?labelSelector=l%3Dv`),
    watch: async () => {
      const [event] = await api.watch(`${path}?watch=1&labelSelector=l%3Dv`, 1);
      return { code: event?.object?.metadata?.name === name ? 200 : 500, headers: {}, text: '', body: event };
    },
    patch: () => api.send('PATCH', `${path}/${name}`, { metadata: { annotations: { a: 'b' } } }, merge),
    update: async () => {
      const { body } = await api.send('GET', `${path}/${name}`);
      return api.send('PUT', `${path}/${name}`, { ...body, metadata: { ...body.metadata, annotations: { a: 'c' } } });
    },
    delete: async () => {
      const answer = await api.send('DELETE', `${path}/${name}`);
      // Nobody takes finalizers away here.
      await api.send('PATCH', `${path}/${name}`, { metadata: { finalizers: null } }, merge);
      return answer;
    },
    deletecollection: async () => {
      if (kind.verbs.includes('create')) await create();
      const answer = await api.send('DELETE', `${path}?labelSelector=l%3Dv`);
      await api.send('PATCH', `${path}/${name}`, { metadata: { finalizers: null } }, merge);
      return answer;
    },
  };
  const codes: Record<string, number | null> = {};
  for (const verb of ['create', 'get', 'list', 'watch', 'patch', 'update', 'delete', 'deletecollection'] as const) {
    const answer = await acts[verb]();
    codes[verb] = kind.verbs.includes(verb) ? answer.code : null;
    if (!kind.verbs.includes(verb)) assert.equal(answer.code, 405, `${kind.kind} has no ${verb}`);
    else assert.ok(answer.code < 300, `${verb} ${kind.kind}: ${answer.code} ${answer.text}`);
  }
  return codes;
}

describe('every kind has every verb that it says', () => {
  for (const kind of [...kinds, ...views]) {
    it(`${apiVersionOf(kind)} ${kind.kind}`, async () => {
      const codes = await everyVerb(kind);
      assert.deepEqual(Object.keys(codes).sort(), [...verbs].sort());
      assert.equal(codes['create'], 201);
    });
  }
});

it('the table of least objects has every kind', () => {
  assert.deepEqual(Object.keys(least).sort(), kinds.map(({ kind }) => kind).sort());
});

it('every subresource that discovery lists is routed', async () => {
  for (const kind of kinds) {
    for (const subresource of kind.subresources) {
      const path = `${collectionPath(kind, 'default')}/none/${subresource.name}`;
      const method = subresource.verbs.includes('get') ? 'GET' : subresource.verbs.includes('create') ? 'POST' : 'PUT';
      const { code, text } = await api.send(method, path, method === 'GET' ? undefined : {});
      assert.notEqual(code, 405, `${method} ${path}: ${text}`);
    }
  }
});
