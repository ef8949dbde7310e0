import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Client } from '@skiff/client/client';
import { startCluster, TestClock } from '../testing.ts';

const bare = { nodes: 0, controllers: false };
const kinds = ['ClusterRole', 'ClusterRoleBinding', 'Namespace', 'Service', 'EndpointSlice', 'PriorityClass'] as const;

/** The system's objects, and what each cluster has of its own apart. */
async function systemObjects(client: Client): Promise<{ uids: string[]; times: string[]; rest: string[] }> {
  const lists = await Promise.all(kinds.map((kind) => client.resource(kind).list()));
  const objects = lists.flatMap(({ items }): { metadata: { uid?: string; creationTimestamp?: string } }[] => items);
  return {
    uids: objects.map(({ metadata }) => metadata.uid ?? ''),
    times: [...new Set(objects.map(({ metadata }) => metadata.creationTimestamp ?? ''))],
    rest: objects.map((object) =>
      JSON.stringify(object)
        .replace(/"uid":"[^"]+"|"resourceVersion":"\d+"/g, '')
        .replace(/"\d{4}-[^"]+Z"/g, ''),
    ),
  };
}

test('a later cluster of a process has the same system objects as the first, with uids and times of its own', async () => {
  await using first = await startCluster(bare);
  const at = '2031-02-03T04:05:06Z';
  await using second = await startCluster({ ...bare, clock: new TestClock({ at, fixed: true }) });
  const [one, other] = await Promise.all([systemObjects(first.client), systemObjects(second.client)]);
  assert.deepEqual(other.rest, one.rest);
  assert.equal(new Set([...one.uids, ...other.uids]).size, one.uids.length * 2);
  assert.deepEqual(other.times, [at]);
  assert.ok(!one.times.includes(at));
});
