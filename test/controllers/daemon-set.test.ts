import assert from 'node:assert/strict';
import { it } from 'node:test';
import { eventually } from '@skiff/client/testing/eventually';
import { DaemonSetController } from '@skiff/controllers/daemon-set/controller';
import { Scheduler } from '@skiff/controllers/scheduler/scheduler';
import { ControlPlane } from './control-plane.ts';

const key = { namespace: 'default', name: 'agent' };
const spec = {
  selector: { matchLabels: { app: 'agent' } },
  template: { metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'c', image: 'img:1' }] } },
};

it('a DaemonSet runs on every node, also on new and tainted ones that it tolerates, and rolls over', async () => {
  await using plane = await ControlPlane.start(DaemonSetController, Scheduler);
  const { client } = plane;
  await plane.addNode('n1');
  await plane.addNode('n2');
  await client.resource('DaemonSet').create({ metadata: key, spec });

  const settled = (nodes: string[], image: string) =>
    eventually(async () => {
      await plane.runPods();
      const { items } = await client.resource('Pod').list({ namespace: 'default' });
      const found = items.map((pod) => `${pod.spec?.nodeName} ${pod.spec?.containers[0]?.image}`).sort();
      assert.deepEqual(
        found,
        nodes.map((node) => `${node} ${image}`),
      );
      const { status } = await client.resource('DaemonSet').get(key);
      assert.equal(status?.numberAvailable, nodes.length);
      assert.equal(status?.updatedNumberScheduled, nodes.length);
      assert.equal(status?.desiredNumberScheduled, nodes.length);
    });
  await settled(['n1', 'n2'], 'img:1');

  await plane.addNode('n3');
  await settled(['n1', 'n2', 'n3'], 'img:1');
  await client.resource('Node').patch({ name: 'n2' }, { spec: { unschedulable: true } });
  const gone = { taints: [{ key: 'gone', effect: 'NoExecute' }] };
  await client.resource('Node').patch({ name: 'n3' }, { spec: gone });
  await settled(['n1', 'n2'], 'img:1');

  const containers = [{ name: 'c', image: 'img:2' }];
  await client.resource('DaemonSet').patch(key, { spec: { template: { spec: { containers } } } });
  await settled(['n1', 'n2'], 'img:2');

  await client.resource('DaemonSet').patch(key, { spec: { template: { spec: { nodeSelector: { no: 'where' } } } } });
  await eventually(async () => {
    await plane.runPods();
    assert.equal((await client.resource('Pod').list({ namespace: 'default' })).items.length, 0);
  });
});
