import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openStore } from '../storage/sqlite-store.ts';
import { Compacted, type Store } from '../storage/store.ts';
import { Cached } from './cached.ts';
import { Caches, keyAt } from './caches.ts';
import type { CacheEvent } from './event.ts';

const pods = { group: '', plural: 'pods' };
const nodes = { group: '', plural: 'nodes' };

const encode = (name: string, fields: Record<string, unknown> = {}): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, ...fields });

async function setUp(options: { ringEvents?: number; history?: { rows?: number } } = {}) {
  const { history, ...rest } = options;
  const store = openStore({ path: ':memory:', ...(history && { history }) });
  const caches = new Caches({ store, ...rest });
  const close = async (): Promise<void> => {
    await caches.close();
    await store.close();
  };
  return { store, caches, cache: caches.of(pods), [Symbol.asyncDispose]: close };
}

const put = (store: Store, name: string, namespace = 'default') =>
  store.create(keyAt(pods, { namespace, name }), encode(name));

/** Collects what a subscriber sees, a line per event. */
function collector() {
  const seen: string[] = [];
  const gone: Error[] = [];
  return {
    seen,
    gone,
    onEvent: (event: CacheEvent) => void seen.push(`${event.type} ${event.current.name}@${event.revision}`),
    onGone: (why: Error) => void gone.push(why),
  };
}

test('the caches begin with what the store holds', async () => {
  await using part = await setUp();
  await put(part.store, 'a');
  await part.store.create(keyAt(nodes, { name: 'node1' }), encode('node1'));
  part.caches.start();
  assert.equal(part.caches.revision, 2);
  assert.equal(part.caches.of(nodes).get(undefined, 'node1')?.revision, 2);
  assert.equal(part.cache.get('default', 'a')?.object.metadata.resourceVersion, '1');
});

test('a writer who waited for its revision reads what it wrote', async () => {
  await using part = await setUp();
  part.caches.start();
  const { revision } = await put(part.store, 'a');
  await part.cache.reached(revision);
  assert.equal(part.cache.get('default', 'a')?.json, encode('a').replace('"name"', '"resourceVersion":"1","name"'));
  assert.equal(part.cache.get('default', 'b'), undefined);
});

test('a list is in key order, by namespace, and stays as it was', async () => {
  await using part = await setUp();
  part.caches.start();
  await Promise.all([put(part.store, 'b', 'x'), put(part.store, 'a', 'x-y'), put(part.store, 'a', 'x')]);
  await part.cache.reached(3);
  const { items, revision } = part.cache.list();
  const keys = ['core/pods/x-y/a', 'core/pods/x/a', 'core/pods/x/b'];
  assert.deepEqual([items.map((item) => item.key), revision], [keys, 3]);
  assert.deepEqual(
    part.cache.list('x').items.map((item) => item.key),
    keys.slice(1),
  );
  await part.store.delete('core/pods/x/a', 3, encode('a'));
  await part.cache.reached(4);
  assert.equal(items.length, 3);
  assert.equal(part.cache.list('x').items.length, 1);
  assert.deepEqual(part.cache.list('nowhere').items, []);
});

test('a subscriber gets the past from the ring and then what comes, in order and once', async () => {
  await using part = await setUp();
  part.caches.start();
  for (const name of ['a', 'b', 'c']) await put(part.store, name);
  await part.cache.reached(3);
  const late = collector();
  const subscription = part.cache.subscribe({ after: 1, ...late });
  assert.deepEqual(late.seen, ['ADDED b@2', 'ADDED c@3']);
  await part.store.update('core/pods/default/a', 1, encode('a'));
  await part.store.delete('core/pods/default/b', 2, encode('b'));
  await part.cache.reached(5);
  assert.deepEqual(late.seen.slice(2), ['MODIFIED a@4', 'DELETED b@5']);
  subscription.close();
  await part.cache.reached((await put(part.store, 'd')).revision);
  assert.equal(late.seen.length, 4);
});

test('a subscriber from before the ring gets the rest from history', async () => {
  await using part = await setUp({ ringEvents: 2 });
  for (const name of ['a', 'b']) await put(part.store, name);
  part.caches.start();
  for (const name of ['c', 'd', 'e', 'f']) await put(part.store, name);
  await part.cache.reached(6);
  const late = collector();
  part.cache.subscribe({ after: 1, ...late });
  assert.deepEqual(late.seen, ['ADDED b@2', 'ADDED c@3', 'ADDED d@4', 'ADDED e@5', 'ADDED f@6']);
});

test('a subscriber from before history is refused', async () => {
  await using part = await setUp({ ringEvents: 2, history: { rows: 10 } });
  part.caches.start();
  await Promise.all(Array.from({ length: 300 }, (_, i) => put(part.store, `p${i}`)));
  const deadline = Date.now() + 5000;
  for (;;) {
    try {
      part.cache.subscribe({ after: 1, ...collector() }).close();
      assert.ok(Date.now() < deadline, 'revision 1 is still kept');
      await new Promise((resolve) => setImmediate(resolve));
    } catch (error) {
      assert.ok(error instanceof Compacted);
      return;
    }
  }
});

test('a subscriber from the future gets only what comes after it', async () => {
  await using part = await setUp();
  part.caches.start();
  const early = collector();
  part.cache.subscribe({ after: 2, ...early });
  for (const name of ['a', 'b', 'c']) await put(part.store, name);
  await part.cache.reached(3);
  assert.deepEqual(early.seen, ['ADDED c@3']);
});

test('one who subscribes while an event is delivered gets that event once', async () => {
  await using part = await setUp();
  part.caches.start();
  const inner = collector();
  part.cache.subscribe({
    onEvent: ({ revision }) => void (revision === 1 && part.cache.subscribe({ after: 0, ...inner })),
    onGone: () => {},
  });
  for (const name of ['a', 'b']) await put(part.store, name);
  await part.cache.reached(2);
  assert.deepEqual(inner.seen, ['ADDED a@1', 'ADDED b@2']);
});

test('an event knows both states and is encoded once for all', async () => {
  await using part = await setUp();
  part.caches.start();
  const events: CacheEvent[] = [];
  for (let i = 0; i < 2; i++) part.cache.subscribe({ onEvent: (event) => void events.push(event), onGone: () => {} });
  await put(part.store, 'a');
  await part.store.delete('core/pods/default/a', 1, encode('a', { bye: true }));
  await part.cache.reached(2);
  const [added, same, deleted] = events;
  assert.equal(added, same);
  assert.equal(deleted?.previous, added?.current);
  assert.equal(
    deleted?.frame(),
    '{"type":"DELETED","object":{"apiVersion":"v1","kind":"Pod","metadata":{"resourceVersion":"2","name":"a"},"bye":true}}',
  );
});

test('what is sent is what was stored, with its version', () => {
  const values = [
    encode('a', { spec: { metadata: { resourceVersion: '1' } } }),
    '{"kind":"Pod","metadata":{}}',
    '{"kind":"Pod", "metadata": {"name":"a"}}',
  ];
  for (const value of values) {
    const [sent, read] = [0, 1].map(() => new Cached({ key: 'core/pods/default/a', revision: 7, value }));
    const { metadata, ...rest } = JSON.parse(value);
    const expected = { ...rest, metadata: { ...metadata, resourceVersion: '7' } };
    assert.deepEqual(JSON.parse(sent?.json ?? ''), expected);
    // In both orders, since each is made of the other.
    assert.deepEqual([sent?.object, read?.object, JSON.parse(read?.json ?? '')], [expected, expected, expected]);
  }
});

test('revisions across resources have one order', async () => {
  await using part = await setUp();
  part.caches.start();
  const seen: string[] = [];
  part.caches.onRevision((revision) => seen.push(`revision ${revision}`));
  for (const resource of [pods, nodes]) {
    part.caches.of(resource).subscribe({ onEvent: (event) => void seen.push(event.current.key), onGone: () => {} });
  }
  await Promise.all([put(part.store, 'a'), part.store.create(keyAt(nodes, { name: 'n' }), encode('n'))]);
  await part.caches.reached(2);
  assert.deepEqual(seen, ['core/pods/default/a', 'revision 1', 'core/nodes//n', 'revision 2']);
});

test('closing tells the subscribers and whoever waits', async () => {
  await using part = await setUp();
  part.caches.start();
  const one = collector();
  part.cache.subscribe(one);
  const waiting = assert.rejects(part.cache.reached(99), /closed/);
  await part.caches.close();
  await waiting;
  assert.match(String(one.gone[0]), /closed/);
});
