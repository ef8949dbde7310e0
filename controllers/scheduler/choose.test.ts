import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Node, Pod } from '@skiff/api/types';
import { chooseNode } from './choose.ts';
import { NodeInfo } from './node-info.ts';

const node = (
  name: string,
  given: { spec?: Node['spec']; labels?: Record<string, string>; cpu?: string } = {},
): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'kubernetes.io/hostname': name, ...given.labels } },
  ...(given.spec && { spec: given.spec }),
  status: { allocatable: { cpu: given.cpu ?? '2', memory: '4Gi', pods: '3', 'ephemeral-storage': '10Gi' } },
});

let serial = 0;
const pod = (spec: Partial<NonNullable<Pod['spec']>> = {}, labels: Record<string, string> = {}): Pod => {
  const name = `p${serial++}`;
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, uid: name, labels }, spec: { containers: [], ...spec } };
};

const requesting = (requests: Record<string, string>, rest: Partial<NonNullable<Pod['spec']>> = {}): Pod =>
  pod({ containers: [{ name: 'c', resources: { requests } }], ...rest });

const alike = (a: Pod) => (b: Pod) => a.metadata.labels?.['app'] === b.metadata.labels?.['app'];

function choose(given: Pod, nodes: NodeInfo[]): string {
  const choice = chooseNode(given, nodes, alike(given));
  return 'node' in choice ? choice.node.name : choice.message;
}

describe('the choice of a node', () => {
  it('spreads Pods of a kind, then takes the least requested node, then the first by name', () => {
    const nodes = ['b', 'a', 'c'].map((name) => new NodeInfo(node(name)));
    const chosen = Array.from({ length: 6 }, () => {
      const next = pod({}, { app: 'x' });
      const name = choose(next, nodes);
      nodes.find((info) => info.name === name)?.add(next);
      return name;
    });
    assert.deepEqual(chosen, ['a', 'b', 'c', 'a', 'b', 'c']);
    nodes[0]?.add(requesting({ cpu: '1500m' }));
    assert.equal(choose(pod({}, { app: 'y' }), nodes), 'a');
  });

  const one = 'preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.';
  const other = 'preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.';
  const taint = (effect: string) => ({ taints: [{ key: 'k', value: 'v', effect }] });
  const busy = requesting({ cpu: '1' }, { containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort: 80 }] }] });
  const affinity = (operator: string, values?: string[]): Pod =>
    pod({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator, ...(values && { values }) }] }],
          },
        },
      },
    });

  const cases: { it: string; pod: Pod; node: Node; on?: Pod[]; want: string }[] = [
    {
      it: 'a cordoned node is left out',
      pod: pod(),
      node: node('n', { spec: { unschedulable: true } }),
      want: `0/1 nodes are available: 1 node(s) were unschedulable. ${one}`,
    },
    {
      it: 'a taint keeps Pods away',
      pod: pod(),
      node: node('n', { spec: taint('NoSchedule') }),
      want: `0/1 nodes are available: 1 node(s) had untolerated taint(s). ${one}`,
    },
    {
      it: 'a toleration lets a Pod in',
      pod: pod({ tolerations: [{ key: 'k', value: 'v' }] }),
      node: node('n', { spec: taint('NoExecute') }),
      want: 'n',
    },
    {
      it: 'a toleration of everything lets a Pod in',
      pod: pod({ tolerations: [{ operator: 'Exists' }] }),
      node: node('n', { spec: taint('NoSchedule') }),
      want: 'n',
    },
    { it: 'a soft taint does not refuse', pod: pod(), node: node('n', { spec: taint('PreferNoSchedule') }), want: 'n' },
    {
      it: 'a node selector must match',
      pod: pod({ nodeSelector: { disk: 'ssd' } }),
      node: node('n'),
      want: `0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. ${one}`,
    },
    {
      it: 'required affinity matches by label',
      pod: affinity('In', ['ssd']),
      node: node('n', { labels: { disk: 'ssd' } }),
      want: 'n',
    },
    {
      it: 'required affinity refuses',
      pod: affinity('Exists'),
      node: node('n'),
      want: `0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. ${one}`,
    },
    {
      it: 'a host port is given once',
      pod: busy,
      node: node('n'),
      on: [{ ...busy, metadata: { name: 'q', uid: 'q' } }],
      want: `0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports. ${other}`,
    },
    {
      it: 'requests must fit',
      pod: requesting({ cpu: '2100m', memory: '5Gi' }),
      node: node('n'),
      want: `0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory. ${other}`,
    },
    {
      it: 'requests that fill the node fit',
      pod: requesting({ cpu: '700m' }),
      node: node('n'),
      on: [requesting({ cpu: '600m' }), requesting({ cpu: '700m' })],
      want: 'n',
    },
    {
      it: 'the largest init container counts',
      pod: pod({ initContainers: [{ name: 'i', resources: { requests: { cpu: '3' } } }] }),
      node: node('n'),
      want: `0/1 nodes are available: 1 Insufficient cpu. ${other}`,
    },
    {
      it: 'a node takes so many Pods',
      pod: pod(),
      node: node('n'),
      on: [pod(), pod(), pod()],
      want: `0/1 nodes are available: 1 Too many pods. ${other}`,
    },
  ];
  for (const given of cases) {
    it(given.it, () => assert.equal(choose(given.pod, [new NodeInfo(given.node, given.on)]), given.want));
  }

  it('says for how many nodes each reason holds', () => {
    const tainted = { taints: [{ key: 'k', effect: 'NoSchedule' }] };
    const nodes = [node('a', { spec: tainted }), node('b', { spec: tainted }), node('c', { cpu: '1' })];
    const infos = nodes.map((given) => new NodeInfo(given));
    assert.equal(
      choose(requesting({ cpu: '2' }), infos),
      '0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint(s). preemption: 0/3 nodes are ' +
        'available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.',
    );
    assert.equal(choose(pod(), []), 'no nodes available to schedule pods');
  });
});
