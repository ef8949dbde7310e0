import assert from 'node:assert/strict';
import { it } from 'node:test';
import { eventually } from '@skiff/client/testing/eventually';
import { ServiceCidrController } from '@skiff/controllers/service-cidr/controller';
import { ControlPlane } from './control-plane.ts';

it('a further range of cluster IPs is used once it is ready, and goes once no Service has an address of it', async () => {
  await using plane = await ControlPlane.start(ServiceCidrController);
  const { client } = plane;
  const [ranges, services] = [client.resource('ServiceCIDR'), client.resource('Service')];
  const address = { clusterIP: '10.200.0.5', ports: [{ port: 80 }] };
  const service = { metadata: { name: 's', namespace: 'default' }, spec: address };
  await assert.rejects(services.create(service), /the provided IP \(10.200.0.5\) is not in the valid range/);

  await ranges.create({ metadata: { name: 'more' }, spec: { cidrs: ['10.200.0.0/28'] } });
  await eventually(async () => {
    const { metadata, status } = await ranges.get({ name: 'more' });
    assert.deepEqual(metadata.finalizers, ['networking.k8s.io/service-cidr-finalizer']);
    assert.equal(status?.conditions?.[0]?.message, 'Kubernetes Service CIDR is ready');
  });
  await services.create(service);

  await ranges.delete({ name: 'more' });
  await eventually(async () => {
    const { status } = await ranges.get({ name: 'more' });
    assert.equal(status?.conditions?.[0]?.reason, 'Terminating');
  });
  const other = { ...service, metadata: { name: 't', namespace: 'default' } };
  await assert.rejects(services.create({ ...other, spec: { ...address, clusterIP: '10.200.0.6' } }), /valid range/);
  await services.delete({ namespace: 'default', name: 's' });
  await eventually(async () =>
    assert.deepEqual(
      (await ranges.list()).items.map(({ metadata }) => metadata.name),
      ['kubernetes'],
    ),
  );
});

it('a range goes at once where another one holds its addresses', async () => {
  await using plane = await ControlPlane.start(ServiceCidrController);
  const { client } = plane;
  const ranges = client.resource('ServiceCIDR');
  for (const [name, cidr] of [
    ['wide', '10.200.0.0/16'],
    ['narrow', '10.200.0.0/28'],
  ] as const) {
    await ranges.create({ metadata: { name }, spec: { cidrs: [cidr] } });
    await eventually(async () => assert.ok((await ranges.get({ name })).status?.conditions?.length));
  }
  const spec = { clusterIP: '10.200.0.5', ports: [{ port: 80 }] };
  await client.resource('Service').create({ metadata: { name: 's', namespace: 'default' }, spec });
  await ranges.delete({ name: 'narrow' });
  await eventually(async () =>
    assert.deepEqual(
      (await ranges.list()).items.map(({ metadata }) => metadata.name),
      ['kubernetes', 'wide'],
    ),
  );
});
