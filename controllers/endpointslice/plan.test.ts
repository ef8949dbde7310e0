import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EndpointSlice, Node, Pod, Service } from '@skiff/api/types';
import { planSlices } from './plan.ts';
import type { NewSlice } from './slice-writes.ts';

const service = (spec: Service['spec'] = {}, labels?: Record<string, string>): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'a', namespace: 'default', uid: 'svc-uid', ...(labels && { labels }) },
  spec: { clusterIP: '10.96.0.50', ipFamilies: ['IPv4'], selector: { app: 'x' }, ports: [{ port: 80 }], ...spec },
});

const pod = (name: string, ip: string, options: { ready?: boolean; ending?: boolean; spec?: object } = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'default',
    uid: `${name}-uid`,
    ...(options.ending && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
  },
  spec: {
    nodeName: 'node1',
    containers: [{ name: 'c', ports: [{ name: 'http', containerPort: 8080 }] }],
    ...options.spec,
  },
  status: {
    phase: 'Running',
    podIP: ip,
    podIPs: [{ ip }],
    conditions: [{ type: 'Ready', status: options.ready === false ? 'False' : 'True' }],
  },
});

const node: Node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'node1', labels: { 'topology.kubernetes.io/zone': 'z1' } },
};

function plan(given: Service, pods: Pod[], slices: EndpointSlice[] = []) {
  return planSlices({ service: given, pods, slices, node: (name) => (name === 'node1' ? node : undefined) });
}

const stored = (slice: NewSlice, name = 'a-1'): EndpointSlice => ({
  ...slice,
  metadata: { ...slice.metadata, name, generation: 1 },
});

/** What the server would hold after the plan for these Pods was carried out. */
const after = (given: Service, pods: Pod[]): EndpointSlice[] =>
  plan(given, pods).writes.create.map((slice, index) => stored(slice, `a-${index}`));

const many = (count: number, from = 0): Pod[] =>
  Array.from({ length: count }, (_, i) => pod(`p${from + i}`, `10.244.1.${from + i}`));

describe('the plan for the slices of a Service', () => {
  it('starts with a slice without endpoints, and leaves it alone', () => {
    const { create } = plan(service(), []).writes;
    assert.deepEqual(
      create.map(({ endpoints, ports, metadata }) => ({ endpoints, ports, labels: metadata.labels })),
      [
        {
          endpoints: [],
          ports: [],
          labels: {
            'kubernetes.io/service-name': 'a',
            'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
          },
        },
      ],
    );
    assert.deepEqual(plan(service(), [], after(service(), [])).writes, { create: [], update: [], delete: [] });
  });

  it('fills that slice when a Pod has an address, ready or not', () => {
    const { create, update } = plan(service(), [pod('p', '10.244.1.2', { ready: false })], after(service(), [])).writes;
    assert.equal(create.length, 0);
    assert.deepEqual(update[0]?.ports, [{ name: '', protocol: 'TCP', port: 80 }]);
    assert.deepEqual(update[0]?.endpoints?.[0], {
      addresses: ['10.244.1.2'],
      conditions: { ready: false, serving: false, terminating: false },
      targetRef: { kind: 'Pod', namespace: 'default', name: 'p', uid: 'p-uid' },
      nodeName: 'node1',
      zone: 'z1',
    });
  });

  const conditions = [
    { of: 'a ready Pod', pod: pod('p', '10.0.0.1'), want: [true, true, false] },
    { of: 'a Pod that ends', pod: pod('p', '10.0.0.1', { ending: true }), want: [false, true, true] },
    { of: 'an unready Pod', pod: pod('p', '10.0.0.1', { ready: false }), want: [false, false, false] },
    {
      of: 'an unready Pod that is published',
      pod: pod('p', '10.0.0.1', { ready: false }),
      publish: true,
      want: [true, false, false],
    },
  ];
  for (const given of conditions) {
    it(`gives ${given.of} its conditions`, () => {
      const spec = given.publish ? { publishNotReadyAddresses: true } : {};
      const [slice] = after(service(spec), [given.pod]);
      const { ready, serving, terminating } = slice?.endpoints?.[0]?.conditions ?? {};
      assert.deepEqual([ready, serving, terminating], given.want);
    });
  }

  it('writes nothing when nothing changed', () => {
    const pods = many(3);
    assert.deepEqual(plan(service(), pods, after(service(), pods)).writes, { create: [], update: [], delete: [] });
  });

  it('resolves named target ports per Pod, in slices of their own', () => {
    const ports = [
      { name: 'web', port: 80, targetPort: 'http' },
      { name: 'dns', port: 53, protocol: 'UDP', targetPort: 5353 },
    ];
    const other = pod('other', '10.244.1.9', { spec: { containers: [{ name: 'c' }] } });
    const slices = after(service({ ports }), [pod('p', '10.244.1.2'), other]);
    assert.deepEqual(
      slices.map((slice) => slice.ports?.map((port) => `${port.name}:${port.port}`)),
      [['dns:5353', 'web:8080'], ['dns:5353']],
    );
  });

  it('holds at most 100 endpoints a slice, and fills the one with room before it makes another', () => {
    const slices = after(service(), many(150));
    assert.deepEqual(
      slices.map((slice) => slice.endpoints?.length),
      [100, 50],
    );
    const { create, update } = plan(service(), many(151), slices).writes;
    assert.equal(create.length, 0);
    assert.deepEqual(
      update.map((slice) => slice.endpoints?.length),
      [51],
    );
  });

  it('leaves out a Pod whose node is unknown, and says so', () => {
    const lost = pod('lost', '10.244.9.9', { spec: { nodeName: 'gone' } });
    const { writes, withoutNode } = plan(service(), [lost, pod('p', '10.244.1.2')]);
    assert.deepEqual(
      writes.create[0]?.endpoints?.map((endpoint) => endpoint.targetRef?.name),
      ['p'],
    );
    assert.deepEqual(withoutNode, [lost]);
  });

  it('labels the slices of a headless Service and names hosts of its subdomain', () => {
    const headless = service({ clusterIP: 'None' });
    const zero = pod('p', '10.244.1.2', { spec: { hostname: 'zero', subdomain: 'a' } });
    const [slice] = after(headless, [zero]);
    assert.equal(slice?.metadata.labels?.['service.kubernetes.io/headless'], '');
    assert.equal(slice?.endpoints?.[0]?.hostname, 'zero');
  });

  it("follows the Service's labels", () => {
    const pods = many(1);
    const { update } = plan(service({}, { tier: 'web' }), pods, after(service(), pods)).writes;
    assert.equal(update[0]?.metadata.labels?.['tier'], 'web');
  });

  it('prefers endpoints of the same zone and node where the Service asks for it', () => {
    const [slice] = after(service({ trafficDistribution: 'PreferSameNode' }), many(1));
    assert.deepEqual(slice?.endpoints?.[0]?.hints, { forZones: [{ name: 'z1' }], forNodes: [{ name: 'node1' }] });
  });
});
