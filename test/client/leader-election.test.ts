import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TestServer } from '@skiff/apiserver/testing';
import { Client } from '@skiff/client/client';
import { LeaderElection } from '@skiff/client/leader-election';
import { eventually } from '@skiff/client/testing/eventually';

const lease = { namespace: 'kube-system', name: 'test-leader' };
const quick = { leaseMs: 1000, renewMs: 500, retryMs: 20 };

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

describe('of several that stand for election', () => {
  it('one leads at a time, and the next when it gives up', async () => {
    await using server = await TestServer.start();
    using client = new Client({ server: `unix:${server.socketPath}` });
    const ends = { a: new AbortController(), b: new AbortController(), c: new AbortController() };
    const leading = new Set<string>();
    const led: string[] = [];
    const runs = Object.entries(ends).map(([identity, { signal }]) =>
      new LeaderElection({ client, lease, identity, ...quick }).lead(
        async (lead) => {
          leading.add(identity);
          led.push(identity);
          assert.equal(leading.size, 1);
          await untilAborted(lead);
          leading.delete(identity);
        },
        { signal },
      ),
    );
    for (let turn = 1; turn <= 3; turn++) {
      await eventually(() => assert.equal(led.length, turn));
      const held = await client.resource('Lease').get(lease);
      assert.equal(held.spec?.holderIdentity, led.at(-1));
      assert.equal(held.spec?.leaseTransitions, turn - 1);
      ends[led.at(-1) as keyof typeof ends].abort(); // one of those who stood
    }
    await Promise.all(runs);
    assert.deepEqual(led.toSorted(), ['a', 'b', 'c']);
    assert.equal((await client.resource('Lease').get(lease)).spec?.holderIdentity, '');
  });

  it('one that another has taken the lead from is told, and the other goes on', async () => {
    await using server = await TestServer.start();
    using client = new Client({ server: `unix:${server.socketPath}` });
    const end = new AbortController();
    const leaders: string[] = [];
    const election = new LeaderElection({
      client,
      lease,
      identity: 'a',
      ...quick,
      onNewLeader: (name) => leaders.push(name),
    });
    let lost = false;
    const run = election.lead(
      async (lead) => {
        const held = await client.resource('Lease').get(lease);
        await client.resource('Lease').update({ ...held, spec: { ...held.spec, holderIdentity: 'usurper' } });
        await untilAborted(lead);
        lost = true;
      },
      { signal: end.signal },
    );
    await assert.rejects(run, /a has lost the lead/);
    assert.equal(lost, true);
    assert.deepEqual(leaders, ['a', 'usurper']);
    assert.equal((await client.resource('Lease').get(lease)).spec?.holderIdentity, 'usurper');
  });

  it('one takes over from a leader that has vanished, but not before its lease has run out', async () => {
    await using server = await TestServer.start();
    using client = new Client({ server: `unix:${server.socketPath}` });
    const old = '2020-01-01T00:00:00.000000Z';
    await client.resource('Lease').create({
      metadata: lease,
      spec: { holderIdentity: 'vanished', leaseDurationSeconds: 1, renewTime: old, acquireTime: old },
    });
    const began = performance.now();
    await new LeaderElection({ client, lease, identity: 'a', ...quick }).lead(async () => undefined, {
      signal: new AbortController().signal,
    });
    // Its clock may be another: a second from when it was first seen.
    assert.ok(performance.now() - began >= 1000);
  });

  it('times that would let two lead at once are refused', () => {
    using client = new Client({ server: 'http://127.0.0.1:1' });
    assert.throws(
      () => new LeaderElection({ client, lease, identity: 'a', leaseMs: 5, renewMs: 5 }),
      /two would lead at once/,
    );
  });
});
