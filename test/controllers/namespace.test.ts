import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isNotFound } from '@skiff/api/status';
import { eventually } from '@skiff/client/testing/eventually';
import { NamespaceController } from '@skiff/controllers/namespace/controller';
import { ControlPlane } from './control-plane.ts';

const namespace = 'ending';
const hold = ['example.com/hold'];

/** A control plane with a Namespace in which there are two ConfigMaps and a Secret that finalizers hold. */
async function begin(): Promise<ControlPlane> {
  const plane = await ControlPlane.start(NamespaceController);
  await plane.client.resource('Namespace').create({ metadata: { name: namespace } });
  for (const name of ['a', 'b']) {
    await plane.client.resource('ConfigMap').create({ metadata: { name, namespace, finalizers: hold } });
  }
  const both = [...hold, 'example.com/also'];
  await plane.client.resource('Secret').create({ metadata: { name: 'a', namespace, finalizers: both } });
  return plane;
}

/** Waits until a condition of the namespace says this. */
const says = (plane: ControlPlane, type: string, message: string) =>
  eventually(async () => {
    const { status } = await plane.client.resource('Namespace').get({ name: namespace });
    assert.equal(status?.conditions?.find((condition) => condition.type === type)?.message, message);
  });

describe('the end of a namespace', () => {
  it('says what remains, and what holds it, in upstream words', async () => {
    await using plane = await begin();
    await plane.client.resource('Namespace').delete({ name: namespace });
    await says(
      plane,
      'NamespaceContentRemaining',
      'Some resources are remaining: configmaps. has 2 resource instances, secrets. has 1 resource instances',
    );
    await says(
      plane,
      'NamespaceFinalizersRemaining',
      'Some content in the namespace has finalizers remaining: example.com/also in 1 resource instances, example.com/hold in 3 resource instances',
    );
  });

  it('comes to other objects when the last Pod is gone', async () => {
    await using plane = await begin();
    await plane.client.resource('ServiceAccount').create({ metadata: { name: 'default', namespace } });
    const pods = plane.client.resource('Pod');
    const pod = { name: 'p', namespace };
    await pods.create({ metadata: { ...pod, finalizers: hold }, spec: { containers: [{ name: 'c', image: 'i' }] } });
    await plane.client.resource('Namespace').delete({ name: namespace });
    await says(plane, 'NamespaceContentRemaining', 'Some resources are remaining: pods. has 1 resource instances');
    const map = { name: 'a', namespace };
    assert.equal((await plane.client.resource('ConfigMap').get(map)).metadata.deletionTimestamp, undefined);
    await pods.patch(pod, { metadata: { finalizers: null } });
    await eventually(() => assert.rejects(pods.get(pod), isNotFound));
    await eventually(async () =>
      assert.ok((await plane.client.resource('ConfigMap').get(map)).metadata.deletionTimestamp),
    );
  });
});
