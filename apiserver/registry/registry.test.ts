import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindNamed } from '@skiff/api/kinds';
import { openStore } from '../storage/sqlite-store.ts';
import { Caches } from '../watch/caches.ts';
import { Registry } from './registry.ts';
import { builtInForm } from './shape.ts';
import type { WriteContext } from './strategy.ts';

const kind = kindNamed('Pod');
const context: WriteContext = {
  user: { name: 'admin', groups: ['system:masters'], extra: {} },
  dryRun: false,
  now: new Date(),
  subresource: '',
  warn: () => undefined,
  read: () => undefined,
  list: () => [],
  other: () => assert.fail('no other kinds here'),
};

test('a delete without grace succeeds though whoever saw the Pod marked removes it first', async () => {
  const store = openStore({ path: ':memory:' });
  const update = store.update.bind(store);
  // As a node's agent that is faster than the server's own second step.
  store.update = async (...args) => {
    const marked = await update(...args);
    await store.delete(marked.key, marked.revision, marked.value);
    return marked;
  };
  const caches = new Caches({ store });
  caches.start();
  const registry = new Registry({
    ...{ kind, store, caches, form: builtInForm(kind) },
    strategy: { nameRule: () => [], gracePeriodSeconds: () => 0 },
  });
  const key = { namespace: 'default', name: 'p' };
  await registry.create({ apiVersion: 'v1', kind: 'Pod', metadata: { ...key }, spec: {} } as never, {
    ...context,
    read: () => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } }) as never,
  });
  const { gone, object } = await registry.delete(key, { gracePeriodSeconds: 0 }, context);
  assert.equal(gone, true);
  assert.equal(object.metadata.deletionGracePeriodSeconds, 0);
  assert.equal(registry.cache.get('default', 'p'), undefined);
  await caches.close();
  await store.close();
});
