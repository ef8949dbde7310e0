import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service } from '@skiff/api/types';
import type { ServicePortEntry } from '../proxy/proxier.ts';
import { wantedPorts } from './wanted-ports.ts';

const nodeIP = '172.18.0.2';
const here = [{ ip: '10.244.1.2', port: 8080, local: true }];

test('a TCP node port is wanted on 127.0.0.1 and leads to the node port of this node', () => {
  assert.deepEqual(wanted({ nodePort: 30_007 }), [
    { address: '127.0.0.1', port: 30_007, target: { host: nodeIP, port: 30_007 } },
  ]);
});

test('a load balancer is wanted on its loopback addresses too, by the cluster IP where it has no node port', () => {
  const ingress = [{ ip: '127.18.0.1', ipMode: 'Proxy' }, { ip: '192.0.2.1' }];
  assert.deepEqual(wanted({ nodePort: 30_007 }, ingress), [
    { address: '127.0.0.1', port: 30_007, target: { host: nodeIP, port: 30_007 } },
    { address: '127.18.0.1', port: 80, target: { host: nodeIP, port: 30_007 } },
  ]);
  assert.deepEqual(wanted({}, ingress), [
    { address: '127.18.0.1', port: 80, target: { host: '10.96.0.20', port: 80 } },
  ]);
});

test('a Local Service is wanted only by nodes with endpoints of their own', () => {
  const local = { nodePort: 30_007, externalTrafficPolicy: 'Local' } as const;
  assert.equal(wanted({ ...local, externalEndpoints: here }).length, 1);
  assert.equal(wanted({ ...local, externalEndpoints: [] }).length, 0);
});

test('UDP ports and cluster IPs are not wanted on the host', () => {
  assert.deepEqual(wanted({ nodePort: 30_007, protocol: 'UDP' }), []);
  assert.deepEqual(wanted({}), []);
});

function wanted(changes: Partial<ServicePortEntry>, ingress: { ip: string; ipMode?: string }[] = []) {
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
  return wantedPorts({ services: [service as Service], table: { services: [entry] }, nodeIP });
}
