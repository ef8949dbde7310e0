import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Deployment, ReplicaSet } from '@skiff/api/types';
import { eventually } from '@skiff/client/testing/eventually';
import { DeploymentController } from '@skiff/controllers/deployment/controller';
import { ReplicaSetController } from '@skiff/controllers/replica-set/controller';
import { Scheduler } from '@skiff/controllers/scheduler/scheduler';
import { ControlPlane, deploymentOf } from './control-plane.ts';

const key = { namespace: 'default', name: 'web' };

/** Lets Pods run until the rollout is over, and looks at the number of Pods on the way. */
async function rolledOut(
  plane: ControlPlane,
  image: string,
  look: (pods: number, ready: number) => void = () => undefined,
) {
  return eventually(async () => {
    const { items } = await plane.client.resource('Pod').list({ namespace: 'default' });
    const alive = items.filter((pod) => !pod.metadata.deletionTimestamp);
    look(alive.length, alive.filter((pod) => pod.status?.podIP).length);
    await plane.runPods();
    const deployment = await plane.client.resource('Deployment').get(key);
    const { metadata, spec, status } = deployment;
    assert.equal(status?.observedGeneration, metadata.generation);
    assert.equal(status?.availableReplicas, spec?.replicas);
    assert.equal(status?.replicas, spec?.replicas);
    assert.deepEqual([...new Set(alive.map((pod) => pod.spec?.containers[0]?.image))], [image]);
    assert.equal(items.length, spec?.replicas);
    return deployment;
  });
}

const sets = async (plane: ControlPlane): Promise<ReplicaSet[]> =>
  (await plane.client.resource('ReplicaSet').list({ namespace: 'default' })).items;

const conditions = ({ status }: Deployment): string[] =>
  (status?.conditions ?? []).map(({ type, status: value, reason }) => `${type}=${value} ${reason}`);

const image = (name: string): object => ({
  spec: { template: { spec: { containers: [{ name: 'c', image: name }] } } },
});

describe('a Deployment', () => {
  it('runs, scales, rolls forward within its limits, and back', async () => {
    await using plane = await ControlPlane.start(DeploymentController, ReplicaSetController, Scheduler);
    const { client } = plane;
    await Promise.all(['node1', 'node2', 'node3'].map((name) => plane.addNode(name)));
    await client.resource('Deployment').create(deploymentOf('web', 3));

    const first = await rolledOut(plane, 'img:1');
    assert.deepEqual(conditions(first), [
      'Available=True MinimumReplicasAvailable',
      'Progressing=True NewReplicaSetAvailable',
    ]);
    assert.equal(first.metadata.annotations?.['deployment.kubernetes.io/revision'], '1');
    const pods = await client.resource('Pod').list({ namespace: 'default' });
    assert.deepEqual(pods.items.map((pod) => pod.spec?.nodeName).sort(), ['node1', 'node2', 'node3']);

    await client.resource('Deployment').patch(key, { spec: { replicas: 4 } });
    await rolledOut(plane, 'img:1');

    const within = (all: number, ready: number): void => {
      assert.ok(all <= 5, `${all} Pods, surge is 1`);
      assert.ok(ready >= 3, `${ready} ready, one may be missing`);
    };
    const patch = client.resource('Deployment').patch(key, image('img:2'), { type: 'strategic' });
    await patch;
    const second = await rolledOut(plane, 'img:2', within);
    assert.equal(second.metadata.annotations?.['deployment.kubernetes.io/revision'], '2');

    await client.resource('Deployment').patch(key, image('img:1'), { type: 'strategic' });
    const third = await rolledOut(plane, 'img:1', within);
    assert.equal(third.metadata.annotations?.['deployment.kubernetes.io/revision'], '3');
    assert.deepEqual((await sets(plane)).map(({ spec }) => spec?.replicas).sort(), [0, 4]);
    const scaled = await plane.events('ScalingReplicaSet');
    assert.ok(
      scaled.some((message) => /^Scaled up replica set web-[a-z0-9]+ from 3 to 4$/.test(message)),
      scaled.join('\n'),
    );
  });

  it('that recreates never runs old and new Pods together', async () => {
    await using plane = await ControlPlane.start(DeploymentController, ReplicaSetController, Scheduler);
    await plane.addNode('node1');
    const given = deploymentOf('web', 2);
    await plane.client.resource('Deployment').create({
      ...given,
      spec: { selector: {}, template: {}, ...given.spec, strategy: { type: 'Recreate' } },
    });
    await rolledOut(plane, 'img:1');
    await plane.client.resource('Deployment').patch(key, image('img:2'), { type: 'strategic' });
    await rolledOut(plane, 'img:2', (all) => assert.ok(all <= 2, `${all} Pods`));
  });

  it('makes as many Pods as it wants, when hundreds are wanted at once', async () => {
    await using plane = await ControlPlane.start(DeploymentController, ReplicaSetController, Scheduler);
    await Promise.all(['node1', 'node2', 'node3'].map((name) => plane.addNode(name)));
    await plane.client.resource('Deployment').create(deploymentOf('web', 150));
    await eventually(async () => {
      const { items } = await plane.client.resource('Pod').list({ namespace: 'default' });
      const perNode = Object.groupBy(items, (pod) => pod.spec?.nodeName ?? 'none');
      assert.deepEqual(
        Object.entries(perNode)
          .map(([node, list]) => [node, list?.length])
          .sort(),
        [
          ['node1', 50],
          ['node2', 50],
          ['node3', 50],
        ],
      );
    });
  });
});
