import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EndpointSlice, Pod } from '@skiff/api/types';
import { eventually } from '@skiff/client/testing/eventually';
import { EndpointsController } from '@skiff/controllers/endpoints/controller';
import { EndpointSliceController } from '@skiff/controllers/endpointslice/controller';
import { LoadBalancerController } from '@skiff/controllers/load-balancer/controller';
import { ControlPlane } from './control-plane.ts';

const key = { namespace: 'default', name: 'web' };

const service = (spec: object = {}) => ({
  metadata: key,
  spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }], ipFamilies: ['IPv4'], ...spec },
});

const pod = (plane: ControlPlane, name: string): Promise<Pod> =>
  plane.client.resource('Pod').create({
    metadata: { name, namespace: 'default', labels: { app: 'web' } },
    spec: { nodeName: 'node1', containers: [{ name: 'c', image: 'img' }] },
  });

const slices = async (plane: ControlPlane): Promise<EndpointSlice[]> => {
  const labelSelector = 'kubernetes.io/service-name=web';
  return (await plane.client.resource('EndpointSlice').list({ namespace: 'default', labelSelector })).items;
};

const shown = async (plane: ControlPlane): Promise<string[]> =>
  (await slices(plane))
    .flatMap((slice) => slice.endpoints ?? [])
    .map(({ targetRef, conditions }) => `${targetRef?.name} ${conditions?.ready ? 'ready' : 'not ready'}`)
    .sort();

describe('a Service', () => {
  it('has slices and Endpoints that follow its Pods, in one slice however fast they come', async () => {
    await using plane = await ControlPlane.start(EndpointSliceController, EndpointsController);
    await plane.addNode('node1');
    await plane.client.resource('Service').create(service());
    const pods = await Promise.all(Array.from({ length: 20 }, (_, index) => pod(plane, `p${index + 10}`)));
    await Promise.all(pods.map((each) => plane.setStatus(each, { ready: true })));
    const ready = pods.map(({ metadata }) => `${metadata.name} ready`).sort();
    await eventually(async () => assert.deepEqual(await shown(plane), ready));
    assert.equal((await slices(plane)).length, 1);
    await eventually(async () => {
      const { subsets } = await plane.client.resource('Endpoints').get(key);
      assert.equal(subsets?.[0]?.addresses?.length, 20);
    });

    const unready = await plane.client.resource('Pod').get({ namespace: 'default', name: 'p10' });
    await plane.setStatus(unready, { ready: false });
    await eventually(async () => assert.equal((await shown(plane))[0], 'p10 not ready'));
    await plane.client.resource('Pod').delete({ namespace: 'default', name: 'p11' }, { gracePeriodSeconds: 0 });
    await eventually(async () => assert.equal((await shown(plane)).length, 19));
  });

  it('of type LoadBalancer gets an address once there is a node, and gives it back', async () => {
    await using plane = await ControlPlane.start(LoadBalancerController);
    const services = plane.client.resource('Service');
    await services.create(service({ type: 'LoadBalancer' }));
    await eventually(async () => {
      const said = await plane.events('UnAvailableLoadBalancer');
      assert.deepEqual(said, ['There are no available nodes for LoadBalancer']);
    });
    await plane.addNode('node1');
    const given = await eventually(async () => {
      const found = await services.get(key);
      assert.deepEqual(found.status?.loadBalancer?.ingress, [{ ip: '127.18.0.1', ipMode: 'Proxy' }]);
      return found;
    });
    assert.deepEqual(given.metadata.finalizers, ['service.kubernetes.io/load-balancer-cleanup']);
    await eventually(async () =>
      assert.deepEqual(await plane.events('EnsuredLoadBalancer'), ['Ensured load balancer']),
    );

    await services.patch(key, { spec: { type: 'ClusterIP' } });
    await eventually(async () => {
      const { metadata, status } = await services.get(key);
      assert.equal(metadata.finalizers, undefined);
      assert.deepEqual(status?.loadBalancer, {});
    });
    await services.patch(key, { spec: { type: 'LoadBalancer' } });
    await eventually(async () => assert.ok((await services.get(key)).status?.loadBalancer?.ingress));
    await services.delete(key);
    await eventually(() => assert.rejects(services.get(key), { reason: 'NotFound' }));
  });
});
