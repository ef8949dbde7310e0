import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { StatefulSet } from '@skiff/api/types';
import { eventually } from '@skiff/client/testing/eventually';
import { Scheduler } from '@skiff/controllers/scheduler/scheduler';
import { StatefulSetController } from '@skiff/controllers/stateful-set/controller';
import { ControlPlane } from './control-plane.ts';

const key = { namespace: 'default', name: 'db' };

function setOf(replicas: number): Omit<StatefulSet, 'apiVersion' | 'kind'> {
  return {
    metadata: key,
    spec: {
      replicas,
      serviceName: 'db',
      selector: { matchLabels: { app: 'db' } },
      template: { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'c', image: 'img:1' }] } },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      ],
    },
  };
}

const images = async (plane: ControlPlane): Promise<string[]> => {
  const { items } = await plane.client.resource('Pod').list({ namespace: 'default' });
  return items.map(({ metadata, spec }) => `${metadata.name} ${spec?.containers[0]?.image}`);
};

it('a StatefulSet makes Pods with names and claims of their own, rolls over and shrinks', async () => {
  await using plane = await ControlPlane.start(StatefulSetController, Scheduler);
  const { client } = plane;
  await plane.addNode('n1');
  await client.resource('StatefulSet').create(setOf(2));

  await eventually(async () => assert.deepEqual(await images(plane), ['db-0 img:1']));
  const first = await client.resource('Pod').get({ namespace: 'default', name: 'db-0' });
  assert.equal(first.spec?.hostname, 'db-0');
  assert.equal(first.spec?.subdomain, 'db');
  assert.equal(first.metadata.labels?.['apps.kubernetes.io/pod-index'], '0');
  const claim = first.spec?.volumes?.find(({ name }) => name === 'data')?.persistentVolumeClaim?.claimName;
  assert.equal(claim, 'data-db-0');

  const settled = (image: string) =>
    eventually(async () => {
      await plane.runPods();
      assert.deepEqual(await images(plane), [`db-0 ${image}`, `db-1 ${image}`]);
      const { status } = await client.resource('StatefulSet').get(key);
      assert.equal(status?.availableReplicas, 2);
      assert.equal(status?.updatedReplicas, 2);
      assert.equal(status?.currentRevision, status?.updateRevision);
    });
  await settled('img:1');

  const containers = [{ name: 'c', image: 'img:2' }];
  await client.resource('StatefulSet').patch(key, { spec: { template: { spec: { containers } } } });
  await settled('img:2');
  const revisions = await client.resource('ControllerRevision').list({ namespace: 'default' });
  assert.deepEqual(revisions.items.map(({ revision }) => revision).sort(), [1, 2]);

  await client.resource('StatefulSet').patch(key, { spec: { replicas: 0 } });
  await eventually(async () => {
    await plane.runPods();
    assert.deepEqual(await images(plane), []);
  });
  const claims = await client.resource('PersistentVolumeClaim').list({ namespace: 'default' });
  assert.deepEqual(
    claims.items.map(({ metadata }) => metadata.name),
    ['data-db-0', 'data-db-1'],
  );
});
