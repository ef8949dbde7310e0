import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GroupCommit } from './group-commit.ts';

test('the writes of one turn of the event loop are one batch', async () => {
  const batches: number[][] = [];
  const commits = new GroupCommit<number, number>((writes) => {
    batches.push([...writes]);
    return writes.map((write) => ({ done: write * 10 }));
  });
  const first = Promise.all([commits.add(1), Promise.resolve().then(() => commits.add(2))]);
  assert.deepEqual(await first, [10, 20]);
  assert.equal(await commits.add(3), 30);
  assert.deepEqual(batches, [[1, 2], [3]]);
});

test('a write that is refused leaves its neighbours alone', async () => {
  const commits = new GroupCommit<number, number>((writes) =>
    writes.map((write) => (write === 2 ? { refused: new Error('no') } : { done: write })),
  );
  const results = await Promise.allSettled([commits.add(1), commits.add(2), commits.add(3)]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
});

test('a commit that fails fails its whole batch, and the next one is tried', async () => {
  let full = true;
  const commits = new GroupCommit<number, number>((writes) => {
    if (full) throw new Error('disk full');
    return writes.map((write) => ({ done: write }));
  });
  const results = await Promise.allSettled([commits.add(1), commits.add(2)]);
  assert.ok(results.every((result) => result.status === 'rejected' && /disk full/.test(String(result.reason))));
  full = false;
  assert.equal(await commits.add(3), 3);
});
