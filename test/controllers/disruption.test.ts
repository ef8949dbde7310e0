import assert from 'node:assert/strict';
import { it } from 'node:test';
import { keyOf } from '@skiff/api/meta';
import { isNotFound, StatusError } from '@skiff/api/status';
import { eventually } from '@skiff/client/testing/eventually';
import { DisruptionController } from '@skiff/controllers/disruption/controller';
import { ControlPlane } from './control-plane.ts';

const key = { namespace: 'default', name: 'b' };

it('evictions go on as fast as a budget lets them', async () => {
  await using plane = await ControlPlane.start(DisruptionController);
  const { client } = plane;
  const pods = client.resource('Pod');
  for (const name of ['p1', 'p2', 'p3']) {
    const spec = { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] };
    const pod = await pods.create({ metadata: { name, namespace: 'default', labels: { app: 'a' } }, spec });
    await plane.setStatus(pod, { ready: true });
  }
  await client
    .resource('PodDisruptionBudget')
    .create({ metadata: key, spec: { minAvailable: 2, selector: { matchLabels: { app: 'a' } } } });
  const allowed = (count: number) =>
    eventually(async () => {
      const { status, metadata } = await client.resource('PodDisruptionBudget').get(key);
      assert.deepEqual([status?.disruptionsAllowed, status?.observedGeneration], [count, metadata.generation]);
    });
  await allowed(1);

  const evict = (name: string) =>
    pods.subresource({ namespace: 'default', name }, 'eviction', 'POST', { metadata: { name } });
  await evict('p1');
  await assert.rejects(evict('p2'), (error) => error instanceof StatusError && error.code === 429);
  await pods.delete({ namespace: 'default', name: 'p1' }, { gracePeriodSeconds: 0 });
  await assert.rejects(pods.get({ namespace: 'default', name: 'p1' }), isNotFound);
  await allowed(0);
  const spec = { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] };
  const added = await pods.create({ metadata: { name: 'p4', namespace: 'default', labels: { app: 'a' } }, spec });
  await plane.setStatus(added, { ready: true });
  await allowed(1);
  await evict('p2');
  assert.equal(keyOf(added).name, 'p4');
});
