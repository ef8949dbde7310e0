import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { WorkQueue } from './work-queue.ts';

describe('a work queue', () => {
  it('holds a key once, however often it is added', async () => {
    const queue = new WorkQueue();
    queue.add('a');
    queue.add('a');
    queue.add('b');
    assert.equal(queue.length, 2);
    assert.deepEqual([await queue.next(), await queue.next()], ['a', 'b']);
  });

  it('hands a key that is in hand to nobody else, and again when it is done', async () => {
    const queue = new WorkQueue();
    queue.add('a');
    assert.equal(await queue.next(), 'a');
    queue.add('a');
    queue.add('b');
    assert.equal(await queue.next(), 'b');
    const third = queue.next();
    queue.done('a');
    assert.equal(await third, 'a');
    queue.done('a');
    queue.done('b');
    assert.equal(queue.length, 0);
  });

  it('wakes who waits when it is closed', async () => {
    const queue = new WorkQueue();
    const waiting = queue.next();
    queue.close();
    assert.equal(await waiting, undefined);
    queue.add('a');
    assert.equal(await queue.next(), undefined);
  });

  const withTimers = (t: TestContext): WorkQueue => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    return new WorkQueue();
  };

  it('adds a key later, at the earliest of the times asked for', (t) => {
    const queue = withTimers(t);
    queue.addAfter('a', 500);
    queue.addAfter('a', 100);
    queue.addAfter('a', 900);
    t.mock.timers.tick(99);
    assert.equal(queue.length, 0);
    t.mock.timers.tick(1);
    assert.equal(queue.length, 1);
    t.mock.timers.tick(1000);
    assert.equal(queue.length, 1);
  });

  it('waits twice as long after each failure, until the key is forgotten', async (t) => {
    const queue = withTimers(t);
    const failsAfter = async (ms: number): Promise<void> => {
      queue.addRateLimited('a');
      t.mock.timers.tick(ms - 1);
      assert.equal(queue.length, 0, `before ${ms} ms`);
      t.mock.timers.tick(1);
      assert.equal(await queue.next(), 'a', `after ${ms} ms`);
      queue.done('a');
    };
    for (const ms of [5, 10, 20, 40]) await failsAfter(ms);
    queue.forget('a');
    await failsAfter(5);
  });

  it('lets no more than a hundred retries come at once, of all keys together', (t) => {
    const queue = withTimers(t);
    for (let i = 0; i < 120; i += 1) queue.addRateLimited(`key-${i}`);
    t.mock.timers.tick(10);
    assert.ok(queue.length >= 99 && queue.length <= 101, `${queue.length}`);
    t.mock.timers.tick(2100);
    assert.equal(queue.length, 120);
  });
});
