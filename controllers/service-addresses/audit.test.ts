import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Service } from '@skiff/api/types';
import { auditAddresses, lacksAddress } from './audit.ts';

const service = (name: string, spec: Service['spec']): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'default', creationTimestamp: '2026-01-01T00:00:00Z' },
  ...(spec && { spec }),
});

const ranges = { clusterIPs: ['10.96.0.0/16'], nodePorts: { from: 30000, to: 32767 } };

const audit = (...services: Service[]): string[] =>
  auditAddresses(services, ranges).map((problem) => `${problem.service.metadata.name}: ${problem.message}`);

describe('the audit of Service addresses', () => {
  it('has nothing to say about what the API server allocates', () => {
    const ports = [
      { port: 53, protocol: 'TCP', nodePort: 30053 },
      { port: 53, protocol: 'UDP', nodePort: 30053 },
    ];
    const external = service('e', { type: 'ExternalName', externalName: 'x' });
    assert.deepEqual(
      audit(service('a', { clusterIP: '10.96.0.5', ports }), service('b', { clusterIP: 'None' }), external),
      [],
    );
  });

  it('names the younger of two Services with one address or port', () => {
    const spec = { clusterIP: '10.96.0.5', ports: [{ port: 80, nodePort: 30001 }] };
    assert.deepEqual(audit(service('b', spec), service('a', spec)), [
      'b: Cluster IP 10.96.0.5 was assigned to multiple services; please recreate service',
      'b: Port 30001 was assigned to multiple services; please recreate service',
    ]);
  });

  it('names what is out of range', () => {
    assert.deepEqual(audit(service('a', { clusterIP: '10.1.0.5', ports: [{ port: 80, nodePort: 80 }] })), [
      'a: Cluster IP 10.1.0.5 is not within any configured Service CIDR; please recreate service',
      'a: Port 80 is not within the port range 30000-32767; please recreate service',
    ]);
  });

  it('knows all ranges that there are', () => {
    const wider = { ...ranges, clusterIPs: ['10.96.0.0/16', '127.96.0.0/16'] };
    assert.deepEqual(auditAddresses([service('a', { clusterIP: '127.96.0.5' })], wider), []);
  });

  it('knows which Services should have an address', () => {
    assert.ok(lacksAddress(service('a', { type: 'ClusterIP' })));
    assert.ok(!lacksAddress(service('a', { clusterIP: 'None' })));
    assert.ok(!lacksAddress(service('a', { type: 'ExternalName' })));
  });
});
