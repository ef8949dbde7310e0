import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Service } from '@skiff/api/types';
import { ingressOf, movedPorts, requestFor, wantsLoadBalancer } from './ingress.ts';

const service = (spec: Service['spec'], ip?: string): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'a', namespace: 'default' },
  spec: { type: 'LoadBalancer', ports: [{ port: 80, protocol: 'TCP' }], ...spec },
  status: { loadBalancer: ip ? { ingress: [{ ip }] } : {} },
});

describe('the load balancer of a Service', () => {
  it('is not for other types, nor for other classes', () => {
    assert.ok(wantsLoadBalancer(service({})));
    assert.ok(!wantsLoadBalancer(service({ type: 'NodePort' })));
    assert.ok(!wantsLoadBalancer(service({ loadBalancerClass: 'example.com/lb' })));
  });

  const ports = [{ port: 80, protocol: 'TCP' }];
  const cases: [what: string, given: Service, address: string | undefined][] = [
    ['any address', service({}), undefined],
    ['the address that it had', service({}, '127.18.0.7'), '127.18.0.7'],
    ['the address that the user wants', service({ loadBalancerIP: '127.0.0.5' }, '127.18.0.7'), '127.0.0.5'],
    ['no address that others could reach', service({ loadBalancerIP: '192.0.2.1' }), undefined],
  ];
  for (const [what, given, address] of cases) {
    it(`asks for ${what}`, () => {
      const { request } = requestFor('default/a', given);
      assert.deepEqual(request, { service: 'default/a', ...(address && { address }), ports });
    });
  }

  it('lists its ports only where one of them could not be opened, and then all', () => {
    const open = { port: 8080, protocol: 'TCP', hostPort: 8080 };
    const moved = { port: 80, protocol: 'TCP', hostPort: 40080, error: 'skiff.dev/PortNotPermitted' };
    assert.deepEqual(ingressOf({ address: '127.18.0.1', ports: [open] }), [{ ip: '127.18.0.1', ipMode: 'Proxy' }]);
    assert.deepEqual(ingressOf({ address: '127.18.0.1', ports: [open, moved] }), [
      {
        ip: '127.18.0.1',
        ipMode: 'Proxy',
        ports: [
          { port: 8080, protocol: 'TCP' },
          { port: 80, protocol: 'TCP', error: 'skiff.dev/PortNotPermitted' },
        ],
      },
    ]);
    assert.deepEqual(movedPorts({ ports: [open, moved] }), [{ ...moved, reason: 'PortNotPermitted' }]);
  });
});
