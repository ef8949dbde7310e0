import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '@skiff/api/clock';
import { kindNamed } from '@skiff/api/kinds';
import { plainJson } from '../http/negotiation.ts';
import { Registry } from '../registry/registry.ts';
import { builtInForm } from '../registry/shape.ts';
import { openStore } from '../storage/sqlite-store.ts';
import { Caches, keyAt } from '../watch/caches.ts';
import { listOptions } from './list-options.ts';
import { Watch } from './watch.ts';

const kind = kindNamed('ConfigMap');

/** A watch whose reader the test plays, and what was sent to it. */
async function setUp({ resourceVersion = 0, until = [] }: { resourceVersion?: number; until?: AbortSignal[] }) {
  const store = openStore({ path: ':memory:' });
  const caches = new Caches({ store });
  caches.start();
  // A strategy without rules of its own.
  const registry = new Registry({ kind, strategy: {}, form: builtInForm(kind), store, caches });
  const sent: string[] = [];
  const closes: (() => void)[] = [];
  const sink = {
    waiting: 0,
    write: (frames: readonly string[]) => void sent.push(...frames.map((frame) => JSON.parse(frame).type)),
    end: () => void sent.push('end'),
    destroy: () => void sent.push('destroy'),
    onClose: (callback: () => void) => void closes.push(callback),
  };
  const initial = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
  const query = new URLSearchParams(`${initial}&resourceVersion=${resourceVersion}`);
  const watch = new Watch(registry, sink, {
    ...listOptions(query, registry, { watch: true }),
    ...{ namespace: '', until, clock: systemClock, format: plainJson, include: 'Metadata' },
  });
  const put = async (name: string): Promise<void> => {
    const value = JSON.stringify({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name, namespace: 'default' } });
    const { revision } = await store.create(keyAt(kind, { namespace: 'default', name }), value);
    await caches.reached(revision);
    // What came in one turn goes out in the next.
    await new Promise((resolve) => setImmediate(resolve));
  };
  const goAway = (): void => closes.forEach((callback) => void callback());
  const close = async (): Promise<void> => {
    await caches.close();
    await store.close();
  };
  return { watch, sent, put, goAway, [Symbol.asyncDispose]: close };
}

test('a watch ends in order with any of its signals, and then is sent no more', async () => {
  const [one, other] = [new AbortController(), new AbortController()];
  await using part = await setUp({ until: [one.signal, other.signal] });
  part.watch.start();
  await part.put('a');
  other.abort();
  one.abort();
  await part.put('b');
  assert.deepEqual(part.sent, ['BOOKMARK', 'ADDED', 'end']);
});

test('a watch whose signal has aborted ends at once', async () => {
  await using part = await setUp({ until: [AbortSignal.abort()] });
  part.watch.start();
  await part.put('a');
  assert.deepEqual(part.sent, ['end']);
});

test('nothing is written to a reader that went away', async () => {
  await using part = await setUp({});
  part.watch.start();
  part.goAway();
  await part.put('a');
  assert.deepEqual(part.sent, ['BOOKMARK']);
});

test('nor to one that went away while its watch waited for a version to come', async () => {
  await using part = await setUp({ resourceVersion: 2 });
  part.watch.start();
  part.goAway();
  await part.put('a');
  await part.put('b');
  await part.put('c');
  assert.deepEqual(part.sent, []);
});
