import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Node, Pod } from '@skiff/api/types';
import { ClusterState } from './cluster-state.ts';

const node: Node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, status: { allocatable: { cpu: '2' } } };

const pod = (name: string, nodeName?: string, phase = 'Running'): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, uid: name },
  spec: { containers: [{ name: 'c', resources: { requests: { cpu: '500m' } } }], ...(nodeName && { nodeName }) },
  status: { phase },
});

function state(): { state: ClusterState; cpu: () => number | undefined } {
  const world = new ClusterState();
  world.setNode(node);
  return { state: world, cpu: () => world.nodes()[0]?.requested('cpu') };
}

describe('the state of the cluster', () => {
  it('counts a decision at once, and only once when it comes true', () => {
    const { state: world, cpu } = state();
    world.assume(pod('a'), 'n');
    assert.equal(cpu(), 500);
    world.setPod(pod('a'));
    assert.equal(cpu(), 500, 'what the API server shows of the time before the binding takes nothing back');
    world.setPod(pod('a', 'n'));
    assert.equal(cpu(), 500);
    world.forget(pod('a'));
    assert.equal(cpu(), 500, 'a binding that came true stays, even if its answer was lost');
  });

  it('takes back a decision that could not be carried out', () => {
    const { state: world, cpu } = state();
    world.assume(pod('a'), 'n');
    world.forget(pod('a'));
    assert.equal(cpu(), 0);
    assert.ok(!world.isPlaced(pod('a')));
  });

  it('gives back what Pods took that ended or are gone', () => {
    const { state: world, cpu } = state();
    world.setPod(pod('a', 'n'));
    world.setPod(pod('b', 'n'));
    assert.equal(cpu(), 1000);
    world.setPod(pod('a', 'n', 'Succeeded'));
    world.removePod(pod('b', 'n'));
    assert.equal(cpu(), 0);
  });

  it('knows the Pods of a node that comes later or changes', () => {
    const world = new ClusterState();
    world.setPod(pod('a', 'n'));
    assert.deepEqual(world.nodes(), []);
    world.setNode(node);
    world.setNode(node);
    assert.equal(world.nodes()[0]?.requested('cpu'), 500);
    world.removeNode('n');
    assert.deepEqual(world.nodes(), []);
  });
});
