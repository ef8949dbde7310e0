import assert from 'node:assert/strict';
import { it } from 'node:test';
import { eventually } from '@skiff/client/testing/eventually';
import { VolumeProtectionController } from '@skiff/controllers/volume-protection/controller';
import { ControlPlane } from './control-plane.ts';

it('a claim goes once no Pod uses it, and a volume once no claim holds it', async () => {
  await using plane = await ControlPlane.start(VolumeProtectionController);
  const { client } = plane;
  const [claims, volumes, pods] = [
    client.resource('PersistentVolumeClaim'),
    client.resource('PersistentVolume'),
    client.resource('Pod'),
  ];
  const key = { namespace: 'default', name: 'data' };
  const size = { storage: '1Gi' };
  const accessModes = ['ReadWriteOnce'];
  const claim = await claims.create({ metadata: key, spec: { accessModes, resources: { requests: size } } });
  assert.deepEqual(claim.metadata.finalizers, ['kubernetes.io/pvc-protection']);
  const containers = [{ name: 'c', image: 'i' }];
  const uses = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }];
  const spec = { nodeName: 'n', containers, volumes: uses };
  await pods.create({ metadata: { name: 'p', namespace: 'default' }, spec });

  await claims.delete(key);
  assert.ok((await claims.get(key)).metadata.deletionTimestamp);
  await pods.delete({ namespace: 'default', name: 'p' }, { gracePeriodSeconds: 0 });
  await eventually(async () => assert.deepEqual((await claims.list()).items, []));

  const volume = await volumes.create({
    metadata: { name: 'v' },
    spec: { capacity: size, accessModes, hostPath: { path: '/d' } },
  });
  await volumes.updateStatus({ ...volume, status: { phase: 'Bound' } });
  await volumes.delete({ name: 'v' });
  await volumes.patch({ name: 'v' }, { status: { phase: 'Released' } }, { subresource: 'status' });
  await eventually(async () => assert.deepEqual((await volumes.list()).items, []));
});
