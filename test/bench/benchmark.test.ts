import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inParallel, meets, percentile } from './benchmark.ts';

test('a percentile is a value that was measured', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.equal(percentile(values, 0.5), 50);
  assert.equal(percentile(values, 0.99), 99);
  assert.equal(percentile([7], 0.99), 7);
});

test('work in parallel is done once each, and no more at a time than asked for', async () => {
  const done: number[] = [];
  let running = 0;
  let most = 0;
  await inParallel(10, {
    connections: 3,
    async work(index) {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      done.push(index);
    },
  });
  assert.deepEqual(
    done.sort((a, b) => a - b),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
  assert.equal(most, 3);
});

test('times have an upper bound and rates a lower one', () => {
  assert.equal(meets({ what: 'x', value: 6, unit: 'ms', target: 5 }), false);
  assert.equal(meets({ what: 'x', value: 6, unit: '/s', target: 5 }), true);
  assert.equal(meets({ what: 'x', value: 6, unit: 'ms' }), true);
});
