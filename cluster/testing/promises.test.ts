/** What users of test backends have long asked for: that a cluster in a test does what a cluster does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ConfigMap } from '@skiff/api/types';
import { Client } from '@skiff/client/client';
import { Informer } from '@skiff/client/informer';
import { eventually } from '@skiff/client/testing/eventually';
import { startCluster } from '../testing.ts';
import { deploymentOf } from './sample-objects.ts';

test('a namespace that is deleted takes everything in it along, and is gone', async () => {
  await using cluster = await startCluster({ nodes: 1 });
  const { client } = cluster;
  await client.resource('Namespace').create({ metadata: { name: 'team' } });
  await eventually(() => client.resource('ServiceAccount').get({ namespace: 'team', name: 'default' }));
  const web = deploymentOf('web', 2);
  await client.resource('Deployment').create({ ...web, metadata: { ...web.metadata, namespace: 'team' } });
  await client.resource('Secret').create({ metadata: { namespace: 'team', name: 'secret' } });
  await client.resource('Namespace').delete({ name: 'team' });
  await eventually(() => assert.rejects(client.resource('Namespace').get({ name: 'team' }), { reason: 'NotFound' }));
  for (const kind of ['Pod', 'ReplicaSet', 'Deployment', 'Secret', 'ConfigMap', 'ServiceAccount'] as const) {
    assert.deepEqual((await client.resource(kind).list({ namespace: 'team' })).items, [], kind);
  }
});

test('a namespace is made anew right after it is gone', async () => {
  await using cluster = await startCluster({ nodes: 0 });
  const namespaces = cluster.client.resource('Namespace');
  for (let round = 0; round < 3; round += 1) {
    await namespaces.create({ metadata: { name: 'again' } });
    await namespaces.delete({ name: 'again' });
    await eventually(() => assert.rejects(namespaces.get({ name: 'again' }), { reason: 'NotFound' }));
  }
});

test('what an owner leaves behind is collected, and orphans are kept where that was asked for', async () => {
  await using cluster = await startCluster({ nodes: 1 });
  const { client } = cluster;
  const pods = async (): Promise<number> => (await client.resource('Pod').list()).items.length;
  const settled = (name: string) =>
    eventually(async () => {
      const { status } = await client.resource('Deployment').get({ namespace: 'default', name });
      assert.equal(status?.availableReplicas, 2);
    });
  for (const name of ['gone', 'kept', 'foreground']) await client.resource('Deployment').create(deploymentOf(name, 2));
  await Promise.all([settled('gone'), settled('kept'), settled('foreground')]);
  const deployments = client.resource('Deployment');
  await deployments.delete({ namespace: 'default', name: 'gone' });
  await deployments.delete({ namespace: 'default', name: 'foreground' }, { propagationPolicy: 'Foreground' });
  await deployments.delete({ namespace: 'default', name: 'kept' }, { propagationPolicy: 'Orphan' });
  await eventually(async () => {
    assert.deepEqual((await deployments.list()).items, []);
    assert.equal((await client.resource('ReplicaSet').list()).items.length, 1);
    assert.equal(await pods(), 2);
  });
});

/** Writes on and on: creates, updates and deletes, over a few names, as fast as it gets answers. */
async function writeHard(client: Client, { writes, writers }: { writes: number; writers: number }): Promise<void> {
  const maps = client.resource('ConfigMap');
  const write = async (writer: number): Promise<void> => {
    for (let round = 0; round < writes; round += 1) {
      const key = { namespace: 'default', name: `map-${writer}-${round % 7}` };
      try {
        const found = await maps.get(key);
        if (round % 3 === 0) await maps.delete(key);
        else await maps.update({ ...found, data: { round: String(round) } });
      } catch {
        await maps.create({ metadata: key, data: { round: String(round) } });
      }
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
}

test('no watch loses an event or sees one twice while its connections drop and writers write hard', async () => {
  await using cluster = await startCluster({ nodes: 0, controllers: false });
  using steady = new Client(cluster.credentials);
  using shaken = new Client({ ...cluster.credentials, userAgent: 'shaken' });
  const { metadata } = await steady.resource('ConfigMap').list();
  const end = new AbortController();

  const follow = async (client: Client, seen: string[]): Promise<void> => {
    let resourceVersion = metadata.resourceVersion;
    while (!end.signal.aborted) {
      try {
        const options = { namespace: 'default', resourceVersion, signal: end.signal };
        for await (const { type, object } of client.resource('ConfigMap').watch(options)) {
          resourceVersion = object.metadata.resourceVersion ?? resourceVersion;
          seen.push(`${type} ${object.metadata.name}@${resourceVersion}`);
        }
      } catch {
        await nextTurn();
      }
    }
  };
  const truth: string[] = [];
  const resumed: string[] = [];
  const following = [follow(steady, truth), follow(shaken, resumed)];

  let writing = true;
  let drops = 0;
  const shake = async (): Promise<void> => {
    while (writing) {
      drops += cluster.faults.dropWatches({ userAgent: 'shaken' });
      await nextTurn();
    }
  };
  await Promise.all([
    shake(),
    writeHard(cluster.client, { writes: 60, writers: 8 }).finally(() => {
      writing = false;
    }),
  ]);
  const last = await cluster.client.resource('ConfigMap').create({ metadata: { namespace: 'default', name: 'last' } });
  const mark = `ADDED last@${last.metadata.resourceVersion}`;
  await eventually(() => assert.deepEqual([truth.at(-1), resumed.at(-1)], [mark, mark]));
  end.abort();
  await Promise.all(following);
  assert.ok(drops > 10, `the connection was dropped ${drops} times`);
  assert.ok(truth.length > 300, `there were ${truth.length} events`);
  assert.deepEqual(resumed, truth);
});

test('an informer shows the truth after writers wrote hard and its watches were dropped and expired', async () => {
  await using cluster = await startCluster({ nodes: 0, controllers: false });
  using client = new Client({ ...cluster.credentials, userAgent: 'shaken' });
  const end = new AbortController();
  const informer = new Informer<ConfigMap>(client.resource('ConfigMap'), { namespace: 'default' });
  informer.start({ signal: end.signal });
  await informer.synced();
  let writing = true;
  const shake = async (): Promise<void> => {
    while (writing) {
      cluster.faults.dropWatches({ userAgent: 'shaken' });
      await nextTurn();
      cluster.faults.expireWatches({ userAgent: 'shaken' });
      await nextTurn();
    }
  };
  await Promise.all([
    shake(),
    writeHard(cluster.client, { writes: 40, writers: 8 }).finally(() => {
      writing = false;
    }),
  ]);
  const versions = (items: readonly ConfigMap[]): string[] =>
    items.map((map) => `${map.metadata.name}@${map.metadata.resourceVersion}`).sort();
  const { items } = await cluster.client.resource('ConfigMap').list({ namespace: 'default' });
  await eventually(() => assert.deepEqual(versions(informer.list()), versions(items)));
  end.abort();
});
