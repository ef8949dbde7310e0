// node --experimental-vm-modules node_modules/jest/bin/jest.js: skiff is made of ECMAScript modules

import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startCluster } from 'skiff/testing';
import { deploymentOf, rollOut } from '../roll-out.js';

const web = { namespace: 'default', name: 'web' };
let cluster;
beforeAll(async () => {
  cluster = await startCluster({ nodes: 2 });
});
afterAll(() => cluster.close());

beforeEach(async () => {
  await cluster.client.resource('Deployment').deleteCollection({ namespace: 'default' });
  await cluster.client.resource('Deployment').create(deploymentOf('web', 'web:1'));
});

test('a new image replaces all Pods', async () => {
  await rollOut(cluster.client, { ...web, image: 'web:2' });
  const { items } = await cluster.client.resource('Pod').list({ labelSelector: 'app=web' });
  const current = items.filter(({ metadata }) => !metadata.deletionTimestamp);
  expect(current.map(({ spec }) => spec.containers[0].image)).toEqual(['web:2', 'web:2']);
});

test('somebody else who writes the Deployment does not stop it', async () => {
  cluster.requests.clear();
  cluster.faults.conflict({ resource: 'deployments' }, { times: 2 });
  await rollOut(cluster.client, { ...web, image: 'web:2' });
  const updates = cluster.requests.of({ verb: 'update', resource: 'deployments' });
  expect(updates.map(({ code }) => code)).toEqual([409, 409, 200]);
});

test('Pods that fail are told', async () => {
  const undo = cluster.pods.keepUnready({ labels: { app: 'web' } });
  await expect(rollOut(cluster.client, { ...web, image: 'web:broken' })).rejects.toThrow(/web is stuck/);
  undo();
});
