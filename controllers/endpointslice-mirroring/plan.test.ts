import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EndpointSlice, Endpoints, Service } from '@skiff/api/types';
import { isMirrored, planMirror } from './plan.ts';

const endpoints = (subsets: Endpoints['subsets'], metadata: Partial<Endpoints['metadata']> = {}): Endpoints => ({
  apiVersion: 'v1',
  kind: 'Endpoints',
  metadata: { name: 'a', namespace: 'default', uid: 'ep', ...metadata },
  ...(subsets && { subsets }),
});

const service = (selector?: Record<string, string>): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'a' },
  spec: { ...(selector && { selector }) },
});

describe('mirroring Endpoints', () => {
  const leader = { 'control-plane.alpha.kubernetes.io/leader': '{}' };
  const cases: [what: string, given: Endpoints | undefined, of: Service | undefined, want: boolean][] = [
    ['of a Service without selector', endpoints([]), service(), true],
    ['of a Service with a selector', endpoints([]), service({ app: 'x' }), false],
    ['without Service', endpoints([]), undefined, false],
    ['that are gone', undefined, service(), false],
    [
      'that ask not to',
      endpoints([], { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }),
      service(),
      false,
    ],
    ['of a leader election', endpoints([], { annotations: leader }), service(), false],
  ];
  for (const [what, given, of, want] of cases) {
    it(`${what} is ${want ? 'done' : 'not done'}`, () => assert.equal(isMirrored(given, of), want));
  }

  it('makes a slice per address type, with only the ready condition', () => {
    const given = endpoints([{ addresses: [{ ip: '192.0.2.1' }, { ip: '2001:db8::1' }], ports: [{ port: 80 }] }]);
    const { create } = planMirror(given, []);
    assert.deepEqual(
      create.map((slice) => [slice.addressType, slice.endpoints]),
      [
        ['IPv4', [{ addresses: ['192.0.2.1'], conditions: { ready: true } }]],
        ['IPv6', [{ addresses: ['2001:db8::1'], conditions: { ready: true } }]],
      ],
    );
    assert.equal(create[0]?.metadata.ownerReferences?.[0]?.kind, 'Endpoints');
  });

  it('changes the slice that is there, and removes it with the last address', () => {
    const before = endpoints([{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 80 }] }]);
    const slices = planMirror(before, []).create.map(
      (slice): EndpointSlice => ({ ...slice, metadata: { ...slice.metadata, name: 'a-1' } }),
    );
    assert.deepEqual(planMirror(before, slices), { create: [], update: [], delete: [] });
    const more = endpoints([
      { addresses: [{ ip: '192.0.2.1' }], notReadyAddresses: [{ ip: '192.0.2.2' }], ports: [{ port: 80 }] },
    ]);
    const { create, update } = planMirror(more, slices);
    assert.equal(create.length, 0);
    assert.deepEqual(
      update[0]?.endpoints?.map(({ conditions }) => conditions),
      [{ ready: true }, { ready: false }],
    );
    assert.equal(planMirror(endpoints(undefined), slices).delete.length, 1);
  });
});
