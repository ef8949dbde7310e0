import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EndpointSlice, Service } from '@skiff/api/types';
import type { ServicePortEntry } from './proxier.ts';
import { serviceTable, type TableMemory } from './service-table.ts';

type Spec = NonNullable<Service['spec']>;
type Endpoint = NonNullable<EndpointSlice['endpoints']>[number];

const ready = { ready: true, serving: true, terminating: false };
const draining = { ready: false, serving: true, terminating: true };
const starting = { ready: false, serving: false, terminating: false };

/** Three endpoints on node1, node2 and node2, ready unless told. */
function table(
  spec: Spec,
  options: { endpoints?: Endpoint[]; status?: Service['status']; zone?: string } = {},
): ServicePortEntry[] {
  const endpoints = options.endpoints ?? [at(2, 'node1'), at(3, 'node2'), at(4, 'node2')];
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { clusterIP: '10.96.0.20', ports: [{ port: 80, nodePort: 30007 }], ...spec },
    ...(options.status === undefined ? {} : { status: options.status }),
  };
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    endpoints,
  };
  // Only what the builder reads is filled in.
  const input = { services: [service as unknown as Service], endpointSlices: [slice as unknown as EndpointSlice] };
  return [...serviceTable({ ...input, nodeName: 'node1', zone: options.zone }).services];
}

function at(last: number, nodeName: string, conditions: Endpoint['conditions'] = ready): Endpoint {
  return { addresses: [`10.244.0.${last}`], nodeName, ...(conditions === undefined ? {} : { conditions }) };
}

const addresses = (endpoints: readonly { ip: string }[] | undefined) =>
  endpoints?.map(({ ip }) => ip.split('.').at(-1));

test('a Service becomes an entry per port with its ready endpoints', () => {
  assert.deepEqual(table({ sessionAffinity: 'ClientIP' }), [
    {
      name: 'default/web',
      protocol: 'TCP',
      clusterIP: '10.96.0.20',
      port: 80,
      nodePort: 30007,
      externalIPs: [],
      balancerIPs: [],
      endpoints: [
        { ip: '10.244.0.2', port: 8080, local: true },
        { ip: '10.244.0.3', port: 8080, local: false },
        { ip: '10.244.0.4', port: 8080, local: false },
      ],
      externalEndpoints: [
        { ip: '10.244.0.2', port: 8080, local: true },
        { ip: '10.244.0.3', port: 8080, local: false },
        { ip: '10.244.0.4', port: 8080, local: false },
      ],
      externalTrafficPolicy: 'Cluster',
      endpointsElsewhere: true,
      affinitySeconds: 10_800,
      localEndpoints: 1,
    },
  ]);
});

test('terminating endpoints that still serve are used only when none is ready', () => {
  assert.deepEqual(addresses(table({}, { endpoints: [at(2, 'node1'), at(3, 'node1', draining)] })[0]?.endpoints), [
    '2',
  ]);
  const [entry] = table({}, { endpoints: [at(2, 'node1', starting), at(3, 'node1', draining)] });
  assert.deepEqual(addresses(entry?.endpoints), ['3']);
  assert.equal(entry?.localEndpoints, 0, 'a load balancer must not send here any more');
});

test('an endpoint without conditions is ready', () => {
  const endpoint = { addresses: ['10.244.0.2'], nodeName: 'node1' };
  assert.deepEqual(addresses(table({}, { endpoints: [endpoint] })[0]?.endpoints), ['2']);
});

test('internal and external traffic policies choose endpoints each for their own clients', () => {
  const [internal] = table({ internalTrafficPolicy: 'Local' });
  assert.deepEqual(addresses(internal?.endpoints), ['2']);
  assert.deepEqual(addresses(internal?.externalEndpoints), ['2', '3', '4']);
  const [external] = table({ externalTrafficPolicy: 'Local', healthCheckNodePort: 31_000 });
  assert.deepEqual(addresses(external?.endpoints), ['2', '3', '4']);
  assert.deepEqual(addresses(external?.externalEndpoints), ['2']);
  assert.equal(external?.healthCheckNodePort, 31_000);
});

test('a node without endpoints of a Local Service knows that others have some', () => {
  const [entry] = table({ externalTrafficPolicy: 'Local' }, { endpoints: [at(3, 'node2')] });
  assert.deepEqual(addresses(entry?.externalEndpoints), []);
  assert.equal(entry?.endpointsElsewhere, true);
  assert.equal(table({}, { endpoints: [] })[0]?.endpointsElsewhere, undefined);
});

test('load-balancer addresses are answered for unless the balancer proxies', () => {
  const ingress = [{ ip: '192.0.2.1' }, { ip: '127.18.0.1', ipMode: 'Proxy' }];
  const [entry] = table({ externalIPs: ['203.0.113.5'] }, { status: { loadBalancer: { ingress } } });
  assert.deepEqual(entry?.externalIPs, ['203.0.113.5']);
  assert.deepEqual(entry?.balancerIPs, ['192.0.2.1']);
});

test('a load balancer takes the clients of its source ranges only', () => {
  const ranges = (...loadBalancerSourceRanges: string[]) => table({ loadBalancerSourceRanges })[0]?.sourceRanges;
  assert.deepEqual(ranges('192.0.2.0/24', ' 10.0.0.0/8', '2001:db8::/32'), ['192.0.2.0/24', '10.0.0.0/8']);
  assert.equal(ranges('192.0.2.0/24', '0.0.0.0/0'), undefined);
  assert.equal(ranges(), undefined);
});

test('endpoints that are meant for this node are taken, else those for its zone, else all', () => {
  const meant = (last: number, nodeName: string, zone: string, conditions = ready): Endpoint => ({
    ...at(last, nodeName, conditions),
    hints: { forNodes: [{ name: nodeName }], forZones: [{ name: zone }] },
  });
  const cases: [string, Endpoint[], string | undefined, string[]][] = [
    ['own node', [meant(2, 'node1', 'a'), meant(3, 'node2', 'a'), meant(4, 'node3', 'b')], 'a', ['2']],
    ['own zone', [meant(3, 'node2', 'a'), meant(4, 'node3', 'b')], 'a', ['3']],
    ['zone not known', [meant(3, 'node2', 'a'), meant(4, 'node3', 'b')], undefined, ['3', '4']],
    ['nothing near', [meant(3, 'node2', 'b'), meant(4, 'node3', 'b')], 'a', ['3', '4']],
    ['one without hints', [meant(2, 'node1', 'a'), at(4, 'node3')], 'a', ['2', '4']],
    ['near one not ready', [meant(2, 'node1', 'a', starting), meant(4, 'node3', 'b')], 'a', ['4']],
    ['all of them end', [meant(2, 'node1', 'a', draining), meant(4, 'node3', 'b', draining)], 'a', ['2', '4']],
  ];
  for (const [name, endpoints, zone, expected] of cases) {
    const [found] = table({}, { endpoints, ...(zone && { zone }) });
    assert.deepEqual(addresses(found?.endpoints), expected, name);
  }
  const [local] = table({ externalTrafficPolicy: 'Local' }, { endpoints: [meant(2, 'node1', 'a'), at(4, 'node3')] });
  assert.deepEqual(addresses(local?.externalEndpoints), ['2'], 'Local knows no hints');
});

test('what has not changed is not worked out again', () => {
  const service = (name: string) => ({
    metadata: { name, namespace: 'default' },
    spec: { clusterIP: '10.96.0.20', ports: [{ port: 80 }] },
  });
  const slice = (name: string, ip: string) => ({
    metadata: { name, namespace: 'default', labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    endpoints: [{ addresses: [ip] }],
  });
  const services = [service('a'), service('b')] as unknown as Service[]; // only what the builder reads
  const slices = [slice('a', '10.244.0.2'), slice('b', '10.244.0.3')] as unknown as EndpointSlice[];
  const memory: TableMemory = new Map();
  const build = (zone?: string) =>
    serviceTable({ services, endpointSlices: slices, nodeName: 'node1', zone }, memory).services;
  const first = build();
  slices[1] = slice('b', '10.244.0.4') as unknown as EndpointSlice;
  const second = build();
  assert.equal(second[0], first[0]);
  assert.deepEqual(addresses(second[1]?.endpoints), ['4']);
  assert.notEqual(build('a')[0], first[0], 'the zone counts for all');
  services.pop();
  assert.equal(build('a').length, 1);
  assert.deepEqual([...memory.keys()], ['default/a']);
});

test('headless and ExternalName Services have no entry', () => {
  assert.deepEqual(table({ clusterIP: 'None' }), []);
  assert.deepEqual(table({ type: 'ExternalName', externalName: 'example.com', clusterIP: '' }), []);
});

test('an endpoint in two slices counts once', () => {
  assert.deepEqual(addresses(table({}, { endpoints: [at(2, 'node1', draining), at(2, 'node1')] })[0]?.endpoints), [
    '2',
  ]);
});
