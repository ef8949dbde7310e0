import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatKey, type ObjectKey } from '@skiff/api/meta';
import { ConnectionError } from './connection-error.ts';
import { ReconcileLoop, type Reconciler } from './reconciler.ts';
import { eventually } from './testing/eventually.ts';

function loopOf(reconcile: Reconciler['reconcile'], workers = 4) {
  const end = new AbortController();
  const warnings: unknown[] = [];
  const ignore = (): void => undefined;
  const logger = { debug: ignore, info: ignore, error: ignore, warn: (fields: object) => void warnings.push(fields) };
  const loop = new ReconcileLoop({ name: 'test', reconciler: { reconcile }, workers, logger });
  loop.start({ signal: end.signal });
  return { loop, end, warnings };
}

describe('a reconcile loop', () => {
  it('calls with the key of what was enqueued, and again as soon as asked', async () => {
    const seen: string[] = [];
    const { loop } = loopOf(async (key) => {
      seen.push(formatKey(key));
      return seen.length === 1 ? { afterMs: 1 } : undefined;
    });
    loop.enqueue({ metadata: { name: 'a', namespace: 'default' } });
    await eventually(() => assert.deepEqual(seen, ['default/a', 'default/a']));
    await loop.close();
  });

  it('never handles a key twice at once', async () => {
    let inHand = 0;
    let calls = 0;
    const { loop } = loopOf(async (key: ObjectKey) => {
      inHand += 1;
      assert.equal(inHand, 1);
      await new Promise((resolve) => setImmediate(resolve));
      if (++calls < 20) loop.enqueue(key);
      inHand -= 1;
    });
    loop.enqueue({ name: 'a' });
    await loop.idle();
    assert.equal(calls, 20);
    await loop.close();
  });

  it('tries again what failed, and says so with the key', async () => {
    let calls = 0;
    const { loop, warnings } = loopOf(async () => {
      if (++calls < 3) throw new Error('boom');
    });
    loop.enqueue({ namespace: 'default', name: 'a' });
    await eventually(() => assert.equal(calls, 3));
    assert.deepEqual(
      warnings.map((fields) => (fields as { object?: string }).object),
      ['default/a', 'default/a'],
    );
    await loop.close();
  });

  it('neither complains nor waits longer and longer while the server is away', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    let calls = 0;
    const { loop, warnings } = loopOf(async () => {
      calls += 1;
      throw new ConnectionError('https://here', new Error('refused'));
    });
    loop.enqueue({ name: 'a' });
    for (let i = 1; i <= 20; i += 1) {
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      assert.equal(calls, i);
      t.mock.timers.tick(750);
    }
    assert.deepEqual(warnings, []);
    await loop.close();
  });

  it('closes when what is in hand is finished', async () => {
    const gate = Promise.withResolvers<void>();
    const { loop } = loopOf(() => gate.promise);
    loop.enqueue({ name: 'a' });
    await new Promise((resolve) => setImmediate(resolve));
    let closed = false;
    const closing = loop.close().then(() => {
      closed = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(closed, false);
    gate.resolve();
    await closing;
  });
});
