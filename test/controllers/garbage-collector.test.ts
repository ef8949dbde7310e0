import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isNotFound } from '@skiff/api/status';
import { eventually } from '@skiff/client/testing/eventually';
import { GarbageCollector } from '@skiff/controllers/garbage-collector/controller';
import { ControlPlane } from './control-plane.ts';

const namespace = 'default';

/** A control plane with a ConfigMap `owner`, and a reference to it. */
async function begin() {
  const plane = await ControlPlane.start(GarbageCollector);
  const maps = plane.client.resource('ConfigMap');
  const { metadata } = await maps.create({ metadata: { name: 'owner', namespace } });
  const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: metadata.uid ?? '' };
  const isGone = (name: string) => eventually(() => assert.rejects(maps.get({ namespace, name }), isNotFound));
  return { plane, maps, reference, isGone };
}

describe('garbage collection', () => {
  it('takes a reference that has the uid of an object and not its name or kind for one to nobody', async () => {
    const { plane, maps, reference, isGone } = await begin();
    await using _ = plane;
    const wrong = { name: { ...reference, name: 'another' }, kind: { ...reference, kind: 'Secret' } };
    for (const [name, owner] of Object.entries(wrong)) {
      await maps.create({ metadata: { name, namespace, ownerReferences: [owner] } });
    }
    for (const name of Object.keys(wrong)) await isGone(name);
    assert.ok(await maps.get({ namespace, name: 'owner' }));
  });

  it('leaves alone what is in no namespace and has an owner that would be in one', async () => {
    const { plane, maps, reference, isGone } = await begin();
    await using _ = plane;
    const nobody = { ...reference, uid: crypto.randomUUID() };
    const roles = plane.client.resource('ClusterRole');
    await roles.create({ metadata: { name: 'wide', ownerReferences: [nobody] } });
    await maps.create({ metadata: { name: 'later', namespace, ownerReferences: [nobody] } });
    await isGone('later');
    assert.ok(await roles.get({ name: 'wide' }));
  });

  it('deletes what has its owner in another namespace, and says why', async () => {
    const { plane, maps, reference, isGone } = await begin();
    await using _ = plane;
    await plane.client.resource('Namespace').create({ metadata: { name: 'far' } });
    const { metadata } = await maps.create({ metadata: { name: 'owner', namespace: 'far' } });
    const uid = metadata.uid ?? '';
    await maps.create({ metadata: { name: 'near', namespace, ownerReferences: [{ ...reference, uid }] } });
    await isGone('near');
    const owner = `[v1/ConfigMap, namespace: default, name: owner, uid: ${uid}]`;
    assert.deepEqual(await plane.events('OwnerRefInvalidNamespace'), [
      `ownerRef ${owner} does not exist in namespace "default"`,
    ]);
    assert.ok(await maps.get({ namespace: 'far', name: 'owner' }));
  });

  it('ends a deletion in the foreground once nothing blocks it, be it that what did is owned no more', async () => {
    const { plane, maps, reference, isGone } = await begin();
    await using _ = plane;
    const held = { namespace, name: 'held' };
    const ownerReferences = [{ ...reference, blockOwnerDeletion: true }];
    await maps.create({ metadata: { ...held, ownerReferences, finalizers: ['example.com/hold'] } });
    await maps.delete({ namespace, name: 'owner' }, { propagationPolicy: 'Foreground' });
    await eventually(async () => assert.ok((await maps.get(held)).metadata.deletionTimestamp));
    assert.ok(await maps.get({ namespace, name: 'owner' }));
    await maps.patch(held, { metadata: { ownerReferences: null } });
    await isGone('owner');
    assert.ok(await maps.get(held));
  });
});
