import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Pod, Service } from '@skiff/api/types';
import { subsetsOf } from './subsets.ts';

const service = (spec: Service['spec'] = {}): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'a', namespace: 'default' },
  spec: { ipFamilies: ['IPv4'], ports: [{ name: 'web', port: 80, targetPort: 'http' }], ...spec },
});

const pod = (name: string, ip: string, options: { ready?: boolean; ending?: boolean; port?: string } = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'default',
    uid: name,
    ...(options.ending && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
  },
  spec: { nodeName: 'n', containers: [{ name: 'c', ports: [{ name: options.port ?? 'http', containerPort: 8080 }] }] },
  status: {
    podIP: ip,
    podIPs: [{ ip }],
    conditions: [{ type: 'Ready', status: options.ready === false ? 'False' : 'True' }],
  },
});

const address = (name: string, ip: string) => ({
  ip,
  nodeName: 'n',
  targetRef: { kind: 'Pod', namespace: 'default', name, uid: name },
});

describe('the subsets of Endpoints', () => {
  it('hold ready and unready Pods apart, in the order of their addresses', () => {
    const pods = [pod('p3', '10.0.0.3'), pod('p1', '10.0.0.1'), pod('p2', '10.0.0.2', { ready: false })];
    assert.deepEqual(subsetsOf(service(), pods), [
      {
        addresses: [address('p1', '10.0.0.1'), address('p3', '10.0.0.3')],
        notReadyAddresses: [address('p2', '10.0.0.2')],
        ports: [{ name: 'web', port: 8080, protocol: 'TCP' }],
      },
    ]);
  });

  it('leave out Pods that end, and Pods without the port', () => {
    assert.deepEqual(
      subsetsOf(service(), [pod('p', '10.0.0.1', { ending: true }), pod('q', '10.0.0.2', { port: 'x' })]),
      [],
    );
  });

  it('hold the ports that the same Pods offer together', () => {
    const ports = [
      { name: 'web', port: 80, targetPort: 'http' },
      { name: 'dns', port: 53, targetPort: 5353 },
    ];
    const subsets = subsetsOf(service({ ports }), [pod('p', '10.0.0.1'), pod('q', '10.0.0.2', { port: 'x' })]);
    assert.deepEqual(
      subsets.map((subset) => [subset.ports?.map(({ name }) => name), subset.addresses?.map(({ ip }) => ip)]).sort(),
      [
        [['dns'], ['10.0.0.1', '10.0.0.2']],
        [['web'], ['10.0.0.1']],
      ],
    );
  });

  it('publish everything as ready where the Service asks for it', () => {
    const pods = [pod('p', '10.0.0.1', { ready: false }), pod('q', '10.0.0.2', { ending: true })];
    const [subset] = subsetsOf(service({ publishNotReadyAddresses: true }), pods);
    assert.equal(subset?.addresses?.length, 2);
  });

  it('of a headless Service without ports are addresses alone', () => {
    const subsets = subsetsOf(service({ clusterIP: 'None', ports: [] }), [pod('p', '10.0.0.1')]);
    assert.deepEqual(subsets, [{ addresses: [address('p', '10.0.0.1')] }]);
  });
});
