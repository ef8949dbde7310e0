import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Node, Service } from '@skiff/api/types';
import type { ServicePortEntry } from '../proxy/proxier.ts';
import { wantedPorts } from './wanted-ports.ts';

const nodeIP = '172.18.0.2';
const local = { externalTrafficPolicy: 'Local' } as const;
const here = [{ ip: '10.244.1.2', port: 8080, local: true }];

test('a node port is wanted on 127.0.0.1 and leads to the node port of this node', () => {
  const target = { host: nodeIP, port: 30_007 };
  assert.deepEqual(wanted({ nodePort: 30_007 }), [{ protocol: 'TCP', address: '127.0.0.1', port: 30_007, target }]);
  assert.deepEqual(wanted({ nodePort: 30_007, protocol: 'UDP' }), [
    { protocol: 'UDP', alone: true, address: '127.0.0.1', port: 30_007, target },
  ]);
});

test('a load balancer is wanted on its loopback addresses too, by the cluster IP where it has no node port', () => {
  const ingress = [{ ip: '127.18.0.1', ipMode: 'Proxy' }, { ip: '192.0.2.1' }];
  const places = (ports: ReturnType<typeof wanted>) =>
    ports.map(
      ({ address, port, target }) => `${address}:${port} -> ${'host' in target && `${target.host}:${target.port}`}`,
    );
  assert.deepEqual(places(wanted({ nodePort: 30_007 }, ingress)), [
    '127.0.0.1:30007 -> 172.18.0.2:30007',
    '127.18.0.1:80 -> 172.18.0.2:30007',
  ]);
  assert.deepEqual(places(wanted({}, ingress)), ['127.18.0.1:80 -> 10.96.0.20:80']);
});

test('the source ranges are those of the load balancer, not of the node port', () => {
  const sourceRanges = ['192.0.2.0/24'];
  const ports = wanted({ nodePort: 30_007, sourceRanges }, [{ ip: '127.18.0.1' }]);
  assert.deepEqual(
    ports.map((port) => port.sourceRanges),
    [undefined, sourceRanges],
  );
});

test('a Service is wanted while it has endpoints, and a Local one where it has some of its own, with the host as client', () => {
  assert.deepEqual(wanted({ nodePort: 30_007, externalEndpoints: [] }), []);
  const [local] = wanted({ nodePort: 30_007, externalTrafficPolicy: 'Local' });
  assert.deepEqual(local?.target, { host: nodeIP, port: 30_007, from: '172.18.255.254' });
});

test('a Service with affinity is wanted alone: the clients of the host are remembered by one node', () => {
  assert.equal(wanted({ nodePort: 30_007, affinitySeconds: 60 })[0]?.alone, true);
});

test('cluster IPs are not wanted on the host', () => assert.deepEqual(wanted({}), []));

suite('a load balancer leaves out a node', () => {
  const label = 'node.kubernetes.io/exclude-from-external-load-balancers';
  const taint = { key: 'ToBeDeletedByClusterAutoscaler', effect: 'NoSchedule' };
  const cases: [title: string, node: Node | undefined, entry: Partial<ServicePortEntry>, isLeftOut: boolean][] = [
    ['that is Ready: no', node(), {}, false],
    ['where no Pods are scheduled: no', node({ spec: { unschedulable: true } }), {}, false],
    ['that is excluded', node({ metadata: { name: 'node1', labels: { [label]: '' } } }), {}, true],
    ['that the cluster autoscaler removes', node({ spec: { taints: [taint] } }), {}, true],
    ['that is deleted', node({ metadata: { name: 'node1', deletionTimestamp: '2026-01-01T00:00:00Z' } }), {}, true],
    ['that is not Ready', node({ status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } }), {}, true],
    ['that is no object any more', undefined, {}, true],
    ['without ready endpoints: no', node(), { localEndpoints: 0 }, false],
    ['without ready endpoints under the policy Local', node(), { ...local, localEndpoints: 0 }, true],
    ['with a ready endpoint under the policy Local: no', node(), local, false],
  ];
  for (const [title, given, entry, isLeftOut] of cases)
    test(title, () => {
      const ports = wanted({ nodePort: 30_007, ...entry }, [{ ip: '127.18.0.1' }], { node: given });
      const addresses = ports.map(({ address }) => address);
      assert.deepEqual(addresses, isLeftOut ? ['127.0.0.1'] : ['127.0.0.1', '127.18.0.1']);
    });
});

function node(changes: Partial<Node> = {}): Node {
  const conditions = [{ type: 'Ready', status: 'True' }];
  return { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node1' }, status: { conditions }, ...changes };
}

function wanted(
  changes: Partial<ServicePortEntry>,
  ingress: { ip: string; ipMode?: string }[] = [],
  around: { node: Node | undefined } = { node: node() },
) {
  const entry: ServicePortEntry = {
    name: 'default/web:http',
    protocol: 'TCP',
    clusterIP: '10.96.0.20',
    port: 80,
    externalIPs: [],
    balancerIPs: [],
    endpoints: here,
    externalEndpoints: here,
    externalTrafficPolicy: 'Cluster',
    localEndpoints: 1,
    ...changes,
  };
  // Only what is read.
  const service = { metadata: { name: 'web', namespace: 'default' }, status: { loadBalancer: { ingress } } } as unknown;
  const world = { services: [service as Service], table: { services: [entry] }, ...around, nodeIP };
  return wantedPorts({ ...world, hostAddress: '172.18.255.254' }).map(({ service: _, ...port }) => port);
}
