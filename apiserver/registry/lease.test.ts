import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestServer } from '../testing.ts';

test('a Lease is not given to candidates, which is a feature that is off by default', async () => {
  await using api = await TestServer.start();
  const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
  const spec = { holderIdentity: 'h', strategy: 'OldestEmulationVersion', preferredHolder: 'p' };
  const made = await api.send('POST', leases, { metadata: { name: 'l' }, spec });
  assert.deepEqual([made.code, made.body.spec], [201, { holderIdentity: 'h' }]);
  const merge = { 'content-type': 'application/merge-patch+json' };
  const { body } = await api.send('PATCH', `${leases}/l`, { spec }, merge);
  assert.deepEqual(body.spec, { holderIdentity: 'h' });
});
