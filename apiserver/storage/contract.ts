import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Change, Store } from './store.ts';
import { Compacted, FutureRevision, KeyExists, RevisionConflict } from './store.ts';

/** What the contract needs of an implementation. */
export interface StoreFactory {
  /** A new, empty store. */
  open(history?: { rows?: number; age?: number }): Store;
  /** Closes the store and opens what it left behind; undefined where nothing outlives a store. */
  reopen?: (store: Store) => Promise<Store>;
  /** A new store that begins with what {@link Store.snapshot} gave. */
  openImage?: (image: Uint8Array) => Store;
}

const value = (name: string): string => JSON.stringify({ metadata: { name } });

/** Reads `count` changes and leaves the watch. */
async function take(changes: AsyncIterable<Change>, count: number): Promise<Change[]> {
  const taken: Change[] = [];
  for await (const change of changes) {
    taken.push(change);
    if (taken.length === count) break;
  }
  return taken;
}

const brief = ({ type, key, revision }: Change): string => `${type} ${key}@${revision}`;
const keys = (store: Store, prefix: string, at?: number): string[] =>
  store.list(prefix, { ...(at !== undefined && { at }) }).entries.map((entry) => entry.key);

/** Waits until the history begins later than at this revision. */
async function compactedBeyond(store: Store, revision: number): Promise<void> {
  const deadline = Date.now() + 5000;
  for (;;) {
    try {
      store.changes('', { after: revision, limit: 1 });
    } catch (error) {
      if (error instanceof Compacted) return;
      throw error;
    }
    assert.ok(Date.now() < deadline, `revision ${revision} is still kept`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** What every {@link Store} promises. */
export function storeContract(name: string, factory: StoreFactory): void {
  const never = new AbortController().signal;

  describe(`the store contract: ${name}`, () => {
    if (factory.openImage) {
      const { openImage } = factory;
      test('a snapshot holds the state and its history, and the store goes on without it', async () => {
        await using store = closing(factory.open());
        await store.create('a/x//one', value('one'));
        await store.update('a/x//one', 1, value('one again'));
        await using copy = closing(openImage(await store.snapshot()));
        assert.deepEqual(copy.list('').entries, store.list('').entries);
        assert.deepEqual(copy.changes('', { after: 0 }), store.changes('', { after: 0 }));
        assert.equal((await copy.create('a/x//two', value('two'))).revision, 3);
        assert.deepEqual([keys(copy, ''), keys(store, '')], [['a/x//one', 'a/x//two'], ['a/x//one']]);
      });
    }

    test('revisions count all writes from 1', async () => {
      await using store = closing(factory.open());
      assert.equal(store.revision, 0);
      const created = await store.create('a/x//one', value('one'));
      assert.deepEqual(created, { key: 'a/x//one', value: value('one'), revision: 1 });
      assert.equal((await store.create('a/x//two', value('two'))).revision, 2);
      assert.equal((await store.update('a/x//one', 1, value('one again'))).revision, 3);
      assert.equal((await store.delete('a/x//two', 2, value('two'))).revision, 4);
      assert.equal(store.revision, 4);
      assert.deepEqual(store.list('a/x/').entries, [{ key: 'a/x//one', value: value('one again'), revision: 3 }]);
    });

    test('a taken key is refused with what is there', async () => {
      await using store = closing(factory.open());
      const there = await store.create('k', value('k'));
      await assert.rejects(store.create('k', value('other')), (error) => {
        assert.ok(error instanceof KeyExists);
        assert.deepEqual(error.current, there);
        return true;
      });
      await store.delete('k', 1, value('k'));
      assert.equal((await store.create('k', value('k'))).revision, 3, 'a deleted key is free again');
    });

    test('an update or delete from an old revision is refused with what is there now', async () => {
      await using store = closing(factory.open());
      await store.create('k', value('k'));
      const now = await store.update('k', 1, value('k2'));
      for (const write of [store.update('k', 1, value('late')), store.delete('k', 1, value('late'))]) {
        await assert.rejects(write, (error) => {
          assert.ok(error instanceof RevisionConflict);
          assert.deepEqual(error.current, now);
          return true;
        });
      }
      await store.delete('k', 2, value('k2'));
      await assert.rejects(store.update('k', 2, value('k3')), RevisionConflict);
      await assert.rejects(store.update('never', 0, value('never')), RevisionConflict);
      assert.equal(store.revision, 3);
    });

    test('of writes that race for one revision one wins, and the others leave their neighbours alone', async () => {
      await using store = closing(factory.open());
      await store.create('k', value('k'));
      const writes = Array.from({ length: 20 }, (_, i) => [
        store.update('k', 1, value(`k${i}`)),
        store.create(`other${i}`, value(`${i}`)),
      ]).flat();
      const results = await Promise.allSettled(writes);
      assert.equal(results.filter((result, i) => i % 2 === 0 && result.status === 'fulfilled').length, 1);
      assert.equal(results.filter((result, i) => i % 2 === 1 && result.status === 'fulfilled').length, 20);
      assert.equal(store.revision, 22);
    });

    test('a list is in key order, in pages, under its prefix only', async () => {
      await using store = closing(factory.open());
      for (const key of ['p/b', 'p/a', 'q/a', 'p/c', 'o/z', 'p/d']) await store.create(key, value(key));
      assert.deepEqual(keys(store, 'p/'), ['p/a', 'p/b', 'p/c', 'p/d']);
      const first = store.list('p/', { limit: 2 });
      assert.deepEqual([first.entries.map((entry) => entry.key), first.more], [['p/a', 'p/b'], true]);
      const rest = store.list('p/', { limit: 2, after: 'p/b', at: first.revision });
      assert.deepEqual([rest.entries.map((entry) => entry.key), rest.more], [['p/c', 'p/d'], false]);
      assert.equal(store.list('').entries.length, 6);
    });

    test('a list shows any past revision that history keeps, and no future one', async () => {
      await using store = closing(factory.open());
      await store.create('a', value('a'));
      await store.create('b', value('b'));
      await store.delete('a', 1, value('a'));
      await store.update('b', 2, value('b2'));
      await store.create('a', value('a again'));
      const shown = [0, 1, 2, 3, 4, 5].map((at) => store.list('', { at }).entries.map((entry) => entry.revision));
      assert.deepEqual(shown, [[], [1], [1, 2], [2], [4], [5, 4]]);
      assert.throws(() => store.list('', { at: 6 }), FutureRevision);
    });

    test('a watch gives the past and then what comes, in order, no gap, none twice', async () => {
      await using store = closing(factory.open());
      await store.create('p/a', value('a'));
      await store.create('q/a', value('a'));
      const watched = take(store.watch('p/', { after: 0, signal: never }), 4);
      await store.update('p/a', 1, value('a2'));
      await Promise.all([store.delete('p/a', 3, value('a2')), store.create('p/b', value('b'))]);
      const changes = await watched;
      assert.deepEqual(changes.map(brief), ['create p/a@1', 'update p/a@3', 'delete p/a@4', 'create p/b@5']);
      assert.equal(changes[0]?.previous, undefined);
      assert.deepEqual(changes[2]?.previous, { key: 'p/a', value: value('a2'), revision: 3 });
    });

    test('a change from history knows what was there before, as a live one does', async () => {
      await using store = closing(factory.open());
      const live = take(store.watch('', { after: 0, signal: never }), 4);
      await store.create('a', value('a'));
      await store.update('a', 1, value('a2'));
      await store.delete('a', 2, value('a2'));
      await store.create('a', value('a3'));
      const expected = await live;
      assert.deepEqual(await take(store.watch('', { after: 0, signal: never }), 4), expected);
      assert.deepEqual(store.changes('', { after: 0 }), expected);
      assert.deepEqual(store.changes('', { after: 1, until: 3, limit: 1 }), expected.slice(1, 2));
    });

    test('a watch from the future waits for it', async () => {
      await using store = closing(factory.open());
      const watched = take(store.watch('', { after: 2, signal: never }), 1);
      for (const key of ['a', 'b', 'c']) await store.create(key, value(key));
      assert.deepEqual((await watched).map(brief), ['create c@3']);
    });

    test('a reader who falls far behind still misses nothing that history keeps', async () => {
      await using store = closing(factory.open());
      const iterator = store.watch('', { after: 0, signal: never })[Symbol.asyncIterator]();
      await store.create('first', value('first'));
      await iterator.next();
      const many = 6000;
      await Promise.all(Array.from({ length: many }, (_, i) => store.create(`k${i}`, value(`k${i}`))));
      for (let revision = 2; revision <= many + 1; revision++) {
        assert.equal((await iterator.next()).value?.revision, revision);
      }
      const next = iterator.next();
      await store.create('last', value('last'));
      assert.equal((await next).value?.key, 'last');
      await iterator.return?.(undefined);
    });

    test('a watch ends when its signal aborts and when the store closes', async () => {
      await using store = closing(factory.open());
      const stop = new AbortController();
      const aborted = take(store.watch('', { after: 0, signal: stop.signal }), 1);
      const closed = take(store.watch('', { after: 0, signal: never }), 1);
      stop.abort();
      assert.deepEqual(await aborted, []);
      await store.close();
      assert.deepEqual(await closed, []);
      await assert.rejects(store.create('late', value('late')), /closed/);
    });

    test('the writes under way are committed before the store closes', async () => {
      const store = factory.open();
      const write = store.create('a', value('a'));
      await store.close();
      assert.equal((await write).revision, 1);
    });

    test('history keeps so many writes; what is there stays', async () => {
      await using store = closing(factory.open({ rows: 100 }));
      await store.create('stays', value('stays'));
      await store.create('goes', value('goes'));
      await store.delete('goes', 2, value('goes'));
      const behind = store.watch('', { after: 1, signal: never });
      let { revision } = await store.create('busy', value('busy'));
      for (let i = 0; i < 500; i += 50) {
        const batch: Promise<unknown>[] = [];
        for (let j = 0; j < 50; j++) batch.push(store.create(`k${i + j}`, value('k')));
        await Promise.all(batch);
        ({ revision } = await store.update('busy', revision, value(`busy ${i}`)));
      }
      await compactedBeyond(store, 3);
      assert.throws(() => store.list('', { at: 3 }), Compacted);
      assert.throws(() => store.watch('', { after: 3, signal: never }), Compacted);
      await assert.rejects(take(behind, 1), Compacted);
      assert.equal(store.list('').entries.length, 502);
      assert.equal(store.list('', { at: store.revision - 100 }).revision, store.revision - 100);
      assert.ok((await store.create('goes', value('goes'))).revision > 500, 'a forgotten key is free');
      await assert.rejects(store.create('stays', value('stays')), KeyExists);
    });

    const { reopen } = factory;
    if (!reopen) return;
    test('what was there, the revisions and where history begins outlive the store', async () => {
      const first = factory.open({ rows: 10 });
      for (let i = 0; i < 300; i++) await first.create(`k${i}`, value('k'));
      await first.delete('k299', 300, value('k'));
      await compactedBeyond(first, 1);
      const expected = first.list('');
      await using store = closing(await reopen(first));
      assert.deepEqual(store.list(''), expected);
      assert.throws(() => store.list('', { at: 1 }), Compacted);
      assert.equal((await store.create('k299', value('k'))).revision, 302);
    });
  });
}

/** A store that closes at the end of its test. */
function closing(store: Store): Store & AsyncDisposable {
  return Object.assign(store, { [Symbol.asyncDispose]: () => store.close() });
}
