import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventually } from '@skiff/client/testing/eventually';
import { PersistentVolumeController } from '@skiff/controllers/persistent-volume/controller';
import { ControlPlane } from './control-plane.ts';

const namespace = 'default';
const accessModes = ['ReadWriteOnce'];
const key = { namespace, name: 'data' };

async function begin() {
  const plane = await ControlPlane.start(PersistentVolumeController);
  const { client } = plane;
  const [claims, volumes] = [client.resource('PersistentVolumeClaim'), client.resource('PersistentVolume')];
  const volume = (name: string, storage: string, fields: object = {}) =>
    volumes.create({
      metadata: { name },
      spec: { capacity: { storage }, accessModes, hostPath: { path: '/d' }, ...fields },
    });
  const claim = (storage: string, fields: object = {}) =>
    claims.create({ metadata: key, spec: { accessModes, resources: { requests: { storage } }, ...fields } });
  const phaseOf = (name: string, phase: string) =>
    eventually(async () => assert.equal((await volumes.get({ name })).status?.phase, phase));
  const claimIs = (phase: string) => eventually(async () => assert.equal((await claims.get(key)).status?.phase, phase));
  return { plane, client, claims, volumes, volume, claim, phaseOf, claimIs };
}

describe('volumes and claims', () => {
  it('binds a claim to the smallest volume that satisfies it, and both say so', async () => {
    const { plane, claims, volumes, volume, claim, phaseOf, claimIs } = await begin();
    await using _ = plane;
    await volume('large', '9Gi');
    await volume('small', '1Gi');
    await volume('fit', '2Gi');
    await volume('other', '2Gi', { storageClassName: 'fast' });
    for (const name of ['large', 'small', 'fit', 'other']) await phaseOf(name, 'Available');
    const { metadata } = await claim('2Gi');
    await claimIs('Bound');
    const bound = await claims.get(key);
    assert.equal(bound.spec?.volumeName, 'fit');
    assert.deepEqual(bound.metadata.annotations, {
      'pv.kubernetes.io/bind-completed': 'yes',
      'pv.kubernetes.io/bound-by-controller': 'yes',
    });
    assert.deepEqual([bound.status?.accessModes, bound.status?.capacity], [accessModes, { storage: '2Gi' }]);
    const fit = await volumes.get({ name: 'fit' });
    const { uid, name, kind } = fit.spec?.claimRef ?? {};
    assert.deepEqual([fit.status?.phase, uid, name, kind], ['Bound', metadata.uid, 'data', 'PersistentVolumeClaim']);
    assert.deepEqual(fit.metadata.annotations, { 'pv.kubernetes.io/bound-by-controller': 'yes' });

    await claims.patch(key, { metadata: { finalizers: null } });
    await claims.delete(key);
    await phaseOf('fit', 'Released');
  });

  it('binds what is meant for each other, and loses a claim with its volume', async () => {
    const { plane, claims, volumes, volume, claim, phaseOf, claimIs } = await begin();
    await using _ = plane;
    await volume('any', '1Gi');
    await volume('meant', '5Gi', { claimRef: key });
    await phaseOf('meant', 'Available');
    await claim('1Gi');
    await claimIs('Bound');
    const { spec, metadata } = await claims.get(key);
    assert.equal(spec?.volumeName, 'meant');
    assert.equal(metadata.annotations?.['pv.kubernetes.io/bound-by-controller'], 'yes');
    assert.equal((await volumes.get({ name: 'meant' })).metadata.annotations, undefined);
    await volumes.patch({ name: 'meant' }, { metadata: { finalizers: null } });
    await volumes.delete({ name: 'meant' });
    await claimIs('Lost');
  });

  it('leaves a claim pending without a volume, and says what it waits for', async () => {
    const { plane, client, claims, claim, volume, claimIs } = await begin();
    await using _ = plane;
    await client.resource('StorageClass').create({ metadata: { name: 'made' }, provisioner: 'e.com/maker' });
    await claim('1Gi', { storageClassName: 'made' });
    await eventually(async () => {
      const { annotations } = (await claims.get(key)).metadata;
      assert.equal(annotations?.['volume.kubernetes.io/storage-provisioner'], 'e.com/maker');
    });
    assert.equal((await claims.get(key)).status?.phase, 'Pending');
    await volume('late', '1Gi', { storageClassName: 'made' });
    await claimIs('Bound');
  });
});
