import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countIndexes, formatIndexes, parseIndexes } from './index-ranges.ts';

test('indexes are written as ranges, two neighbours as two', () => {
  assert.equal(formatIndexes([]), '');
  assert.equal(formatIndexes([4]), '4');
  assert.equal(formatIndexes([0, 1]), '0,1');
  assert.equal(formatIndexes([1, 3, 4, 5, 7]), '1,3-5,7');
});

test('what is written is read back', () => {
  const read = parseIndexes('1,3-5,7', 10);
  assert.ok(read.valid);
  assert.deepEqual(read.indexes, [1, 3, 4, 5, 7]);
  assert.equal(countIndexes('1,3-5,7'), 5);
  assert.equal(countIndexes(''), 0);
});

test('indexes that are out of range, out of order or no numbers are refused', () => {
  for (const text of ['10', '3-1', '1,1', '2,1', 'a', '1-2-3', '-1', '1,', '3-3']) {
    assert.equal(parseIndexes(text, 10).valid, false, text);
  }
  assert.ok(parseIndexes('', 0).valid);
});
