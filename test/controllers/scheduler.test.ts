import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Pod } from '@skiff/api/types';
import { eventually } from '@skiff/client/testing/eventually';
import { Scheduler } from '@skiff/controllers/scheduler/scheduler';
import { ControlPlane } from './control-plane.ts';

const create = (plane: ControlPlane, name: string, cpu = '1'): Promise<Pod> =>
  plane.client.resource('Pod').create({
    metadata: { name, namespace: 'default' },
    spec: { containers: [{ name: 'c', image: 'img', resources: { requests: { cpu } } }] },
  });

const get = (plane: ControlPlane, name: string): Promise<Pod> =>
  plane.client.resource('Pod').get({ namespace: 'default', name });

const condition = ({ status }: Pod) => status?.conditions?.find(({ type }) => type === 'PodScheduled');

describe('the scheduler', () => {
  it('fills a node exactly, when many Pods come at once, and places the rest when there is room', async () => {
    await using plane = await ControlPlane.start(Scheduler);
    await plane.addNode('node1', { cpu: '2', memory: '1Gi', pods: '10' });
    const names = Array.from({ length: 5 }, (_, index) => `p${index}`);
    await Promise.all(names.map((name) => create(plane, name)));

    const waiting = await eventually(async () => {
      const pods = await Promise.all(names.map((name) => get(plane, name)));
      assert.equal(pods.filter((pod) => pod.spec?.nodeName === 'node1').length, 2);
      const others = pods.filter((pod) => !pod.spec?.nodeName);
      assert.ok(others.every((pod) => condition(pod)?.reason === 'Unschedulable'));
      return others;
    });
    const message =
      '0/1 nodes are available: 1 Insufficient cpu. ' +
      'preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.';
    assert.deepEqual(
      waiting.map((pod) => condition(pod)?.message),
      [message, message, message],
    );
    assert.ok((await plane.events('FailedScheduling')).includes(message));

    await plane.addNode('node2', { cpu: '4', memory: '1Gi', pods: '10' });
    await eventually(async () => {
      for (const { metadata } of waiting) {
        const pod = await get(plane, metadata.name);
        assert.equal(pod.spec?.nodeName, 'node2');
        assert.equal(condition(pod)?.status, 'True');
      }
    });
    const assigned = await plane.events('Scheduled');
    assert.equal(assigned.filter((text) => /^Successfully assigned default\/p\d to node[12]$/.test(text)).length, 5);
  });

  it('places a Pod when its node is uncordoned or another Pod ends', async () => {
    await using plane = await ControlPlane.start(Scheduler);
    await plane.addNode('node1', { cpu: '1', memory: '1Gi', pods: '10' });
    const nodes = plane.client.resource('Node');
    await nodes.patch({ name: 'node1' }, { spec: { unschedulable: true } });
    await create(plane, 'first');
    await eventually(async () =>
      assert.match(condition(await get(plane, 'first'))?.message ?? '', /were unschedulable/),
    );
    await nodes.patch({ name: 'node1' }, { spec: { unschedulable: null } });
    await eventually(async () => assert.equal((await get(plane, 'first')).spec?.nodeName, 'node1'));

    await create(plane, 'second');
    await eventually(async () =>
      assert.match(condition(await get(plane, 'second'))?.message ?? '', /Insufficient cpu/),
    );
    await plane.client.resource('Pod').delete({ namespace: 'default', name: 'first' }, { gracePeriodSeconds: 0 });
    await eventually(async () => assert.equal((await get(plane, 'second')).spec?.nodeName, 'node1'));
  });
});
