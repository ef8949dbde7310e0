import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindNamed } from '@skiff/api/kinds';
import { StatusError } from '@skiff/api/status';
import { encode } from '../registry/encoding.ts';
import { Registry } from '../registry/registry.ts';
import { builtInForm } from '../registry/shape.ts';
import { openStore } from '../storage/sqlite-store.ts';
import { Caches, keyAt } from '../watch/caches.ts';
import { page } from './list.ts';
import { listOptions } from './list-options.ts';

const kind = kindNamed('ConfigMap');

test('a list whose history is gone tells where to go on without it', async () => {
  const store = openStore({ path: ':memory:', history: { rows: 10 } });
  const caches = new Caches({ store });
  caches.start();
  const registry = new Registry({
    ...{ kind, store, caches, form: builtInForm(kind) },
    strategy: { nameRule: () => [] },
  });
  const put = async (name: string) => {
    const metadata = { namespace: 'default', name };
    const { revision } = await store.create(
      keyAt(kind, metadata),
      encode(kind, { ...kind, apiVersion: 'v1', metadata }),
    );
    await registry.cache.reached(revision);
  };
  const read = (query: string) => page(registry, 'default', listOptions(new URLSearchParams(query), registry));
  const expired = async (query: string): Promise<StatusError> => {
    for (let number = 0; number < 10_000; number++) {
      try {
        read(query);
      } catch (error) {
        assert.ok(error instanceof StatusError);
        return error;
      }
      await put(`z-${query.length}-${number}`);
    }
    return assert.fail('the history is kept');
  };
  const names = (query: string) => read(query).items.map(({ object }) => object.metadata.name);

  for (const name of ['a', 'b', 'c']) await put(name);
  const first = read('limit=2').metadata;
  await put('b2');
  const { code, reason, message, ...error } = await expired(`limit=2&continue=${first.continue}`);
  assert.deepEqual([code, reason], [410, 'Expired']);
  assert.match(
    message,
    /^The provided continue parameter is too old to display a consistent list result\. .* use the continue token/,
  );
  assert.deepEqual(names(`limit=2&continue=${error.continue}`), ['b2', 'c']);
  const next = read(`limit=2&continue=${error.continue}`).metadata;
  assert.equal(next.resourceVersion, String(registry.cache.revision));
  assert.match(String(read(`limit=1&continue=${next.continue}`).items[0]?.object.metadata.name), /^z-/);

  const exact = await expired(`resourceVersion=${first.resourceVersion}&resourceVersionMatch=Exact`);
  assert.deepEqual(exact.toStatus(), {
    ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code: 410, reason: 'Expired' },
    message: 'The resourceVersion for the provided list is too old.',
  });
  await caches.close();
  await store.close();
});
