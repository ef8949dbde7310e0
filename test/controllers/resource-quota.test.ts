import assert from 'node:assert/strict';
import { it } from 'node:test';
import { eventually } from '@skiff/client/testing/eventually';
import { ResourceQuotaController } from '@skiff/controllers/resource-quota/controller';
import { ControlPlane } from './control-plane.ts';

const key = { namespace: 'default', name: 'q' };

it('a quota shows what is in use, what ends gives back, and kinds without a name of their own', async () => {
  await using plane = await ControlPlane.start(ResourceQuotaController);
  const { client } = plane;
  const pods = client.resource('Pod');
  const spec = { containers: [{ name: 'c', image: 'i' }] };
  await pods.create({ metadata: { name: 'before', namespace: 'default' }, spec });
  const hard = { pods: '5', 'count/deployments.apps': '2' };
  await client.resource('ResourceQuota').create({ metadata: key, spec: { hard } });
  const shows = (used: object) =>
    eventually(async () => {
      const { status } = await client.resource('ResourceQuota').get(key);
      assert.deepEqual(status, { hard: { 'count/deployments.apps': '2', pods: '5' }, used });
    });
  await shows({ 'count/deployments.apps': '0', pods: '1' });

  await pods.create({ metadata: { name: 'after', namespace: 'default' }, spec });
  const { status } = await client.resource('ResourceQuota').get(key);
  assert.equal(status?.used?.['pods'], '2', 'the API server shows a creation at once');

  await pods.patch(
    { namespace: 'default', name: 'after' },
    { status: { phase: 'Succeeded' } },
    { subresource: 'status' },
  );
  await shows({ 'count/deployments.apps': '0', pods: '1' });
  const selector = { matchLabels: { a: 'b' } };
  const template = { metadata: { labels: { a: 'b' } }, spec };
  await client
    .resource('Deployment')
    .create({ metadata: { name: 'd', namespace: 'default' }, spec: { selector, template } });
  await shows({ 'count/deployments.apps': '1', pods: '1' });
});
