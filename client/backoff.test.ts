import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from './backoff.ts';

test('waiting times double up to the longest, each with at most a fifth more, and begin anew after a reset', () => {
  const backoff = new Backoff({ firstMs: 50, mostMs: 800 });
  const expected = [50, 100, 200, 400, 800, 800, 800];
  const within = (ms: number, least: number): void => assert.ok(ms >= least && ms <= least * 1.2, `${ms} of ${least}`);
  for (const least of expected) within(backoff.next(), least);
  backoff.reset();
  within(backoff.next(), 50);
});
