// node --test
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { startCluster } from 'skiff/testing';
import { deploymentOf, rollOut } from '../roll-out.js';

const web = { namespace: 'default', name: 'web' };
let cluster;
before(async () => {
  cluster = await startCluster({ nodes: 2 });
});
after(() => cluster.close());

beforeEach(async () => {
  await cluster.client.resource('Deployment').deleteCollection({ namespace: 'default' });
  await cluster.client.resource('Deployment').create(deploymentOf('web', 'web:1'));
});

test('a new image replaces all Pods', async () => {
  await rollOut(cluster.client, { ...web, image: 'web:2' });
  const { items } = await cluster.client.resource('Pod').list({ labelSelector: 'app=web' });
  const current = items.filter(({ metadata }) => !metadata.deletionTimestamp);
  assert.deepEqual(
    current.map(({ spec }) => spec.containers[0].image),
    ['web:2', 'web:2'],
  );
});

test('somebody else who writes the Deployment does not stop it', async () => {
  cluster.requests.clear();
  cluster.faults.conflict({ resource: 'deployments' }, { times: 2 });
  await rollOut(cluster.client, { ...web, image: 'web:2' });
  assert.deepEqual(
    cluster.requests.of({ verb: 'update', resource: 'deployments' }).map(({ code }) => code),
    [409, 409, 200],
  );
});

test('Pods that fail are told', async () => {
  const undo = cluster.pods.keepUnready({ labels: { app: 'web' } });
  await assert.rejects(rollOut(cluster.client, { ...web, image: 'web:broken' }), /web is stuck/);
  undo();
});
