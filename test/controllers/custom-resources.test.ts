import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isNotFound } from '@skiff/api/status';
import { discover } from '@skiff/client/discovery';
import type { ApiResource, Identified, New } from '@skiff/client/resource';
import { eventually } from '@skiff/client/testing/eventually';
import { GarbageCollector } from '@skiff/controllers/garbage-collector/controller';
import { NamespaceController } from '@skiff/controllers/namespace/controller';
import { ControlPlane } from './control-plane.ts';

/** Defines the kind `Widget` and resolves with what discovery tells of it. */
async function widgets(plane: ControlPlane, scope: 'Namespaced' | 'Cluster' = 'Namespaced'): Promise<ApiResource> {
  await plane.client.resource('CustomResourceDefinition').create({
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope,
      names: { plural: 'widgets', kind: 'Widget' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  });
  return eventually(async () => {
    const found = (await discover(plane.client)).find(({ kind }) => kind === 'Widget');
    assert.ok(found);
    return found;
  });
}

const widget = (name: string, metadata: object = {}, namespace = 'default'): New<Identified> => ({
  metadata: { name, namespace, ...metadata },
});

const ownedBy = ({ apiVersion, kind, metadata }: Identified): object => ({
  ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid }],
});

async function isGone(look: Promise<unknown>): Promise<void> {
  await assert.rejects(look, isNotFound);
}

describe('custom resources', () => {
  it('own and are owned', async () => {
    await using plane = await ControlPlane.start(GarbageCollector);
    const kind = await widgets(plane);
    const objects = plane.client.metadata(kind);
    const maps = plane.client.resource('ConfigMap');
    const owner = await objects.create(widget('owner'));
    const middle = await maps.create({ metadata: { name: 'middle', namespace: 'default', ...ownedBy(owner) } });
    await objects.create(widget('last', ownedBy(middle)));
    await objects.create(widget('other'));
    await objects.delete({ namespace: 'default', name: 'owner' });
    await eventually(() => isGone(objects.get({ namespace: 'default', name: 'last' })));
    await isGone(maps.get({ namespace: 'default', name: 'middle' }));
    assert.ok(await objects.get({ namespace: 'default', name: 'other' }));
  });

  it('whose owner never was go, and those of a definition that goes take their dependents along', async () => {
    await using plane = await ControlPlane.start(GarbageCollector);
    const kind = await widgets(plane);
    const objects = plane.client.metadata(kind);
    const maps = plane.client.resource('ConfigMap');
    const owner = await objects.create(widget('owner'));
    const never = { ...owner, metadata: { ...owner.metadata, name: 'never', uid: crypto.randomUUID() } };
    // Events own nothing and are owned by nobody, in whatever group they show.
    const event = { namespace: 'default', name: 'event' };
    const involvedObject = { kind: 'Widget', namespace: 'default', name: 'never' };
    await plane.client.resource('Event').create({ metadata: { ...event, ...ownedBy(never) }, involvedObject });
    await objects.create(widget('orphan', ownedBy(never)));
    await eventually(() => isGone(objects.get({ namespace: 'default', name: 'orphan' })));
    assert.ok(await plane.client.resource('Event').get(event));
    await maps.create({ metadata: { name: 'kept', namespace: 'default', ...ownedBy(owner) } });
    await plane.client.resource('CustomResourceDefinition').delete({ name: 'widgets.example.com' });
    await eventually(() => isGone(maps.get({ namespace: 'default', name: 'kept' })));
  });

  it('wait for their dependents in the foreground', async () => {
    await using plane = await ControlPlane.start(GarbageCollector);
    const kind = await widgets(plane);
    const objects = plane.client.metadata(kind);
    const owner = await objects.create(widget('owner'));
    const { ownerReferences } = ownedBy(owner) as { ownerReferences: object[] };
    const blocking = ownerReferences.map((reference) => ({ ...reference, blockOwnerDeletion: true }));
    await objects.create(widget('held', { ownerReferences: blocking, finalizers: ['example.com/hold'] }));
    await objects.delete({ namespace: 'default', name: 'owner' }, { propagationPolicy: 'Foreground' });
    const held = { namespace: 'default', name: 'held' };
    await eventually(async () => assert.ok((await objects.get(held)).metadata.deletionTimestamp));
    assert.ok(await objects.get({ namespace: 'default', name: 'owner' }));
    await objects.patch(held, { metadata: { finalizers: null } });
    await eventually(() => isGone(objects.get({ namespace: 'default', name: 'owner' })));
  });

  it('go with their namespace', async () => {
    await using plane = await ControlPlane.start(NamespaceController);
    const kind = await widgets(plane);
    const objects = plane.client.metadata(kind);
    const namespaces = plane.client.resource('Namespace');
    await namespaces.create({ metadata: { name: 'short' } });
    await objects.create(widget('a', {}, 'short'));
    await objects.create(widget('held', { finalizers: ['example.com/hold'] }, 'short'));
    await namespaces.delete({ name: 'short' });
    await eventually(async () => {
      const { status } = await namespaces.get({ name: 'short' });
      const remaining = status?.conditions?.find(({ type }) => type === 'NamespaceContentRemaining');
      assert.match(remaining?.message ?? '', /widgets\.example\.com has 1 resource instances/);
    });
    await objects.patch({ namespace: 'short', name: 'held' }, { metadata: { finalizers: null } });
    await eventually(() => isGone(namespaces.get({ name: 'short' })));
    assert.deepEqual((await objects.list()).items, []);
  });
});
