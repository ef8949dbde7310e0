import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Answered, TestServer } from '../../testing.ts';

let api: TestServer;
const services = '/api/v1/namespaces/default/services';
const merge = { 'content-type': 'application/merge-patch+json' };

before(async () => {
  api = await TestServer.start();
});
after(() => api[Symbol.asyncDispose]());

const causesOf = ({ body }: Answered): string[] =>
  (body.details?.causes ?? []).map((cause: { reason: string; field: string }) => `${cause.reason} ${cause.field}`);
const create = (name: string, spec: object, metadata: object = {}): Promise<Answered> =>
  api.send('POST', services, { metadata: { name, ...metadata }, spec });
const patch = (name: string, spec: object): Promise<Answered> =>
  api.send('PATCH', `${services}/${name}`, { spec }, merge);
const ports = [{ port: 80 }];

/** How a Service of each type is made, and what a patch to it says. */
const types: Record<string, { spec: object; patch: object }> = {
  ClusterIP: { spec: { ports }, patch: { type: 'ClusterIP', ports } },
  NodePort: { spec: { type: 'NodePort', ports }, patch: { type: 'NodePort', ports } },
  LoadBalancer: {
    spec: { type: 'LoadBalancer', ports, externalTrafficPolicy: 'Local', loadBalancerClass: 'a.b/c' },
    patch: { type: 'LoadBalancer', ports },
  },
  ExternalName: {
    spec: { type: 'ExternalName', externalName: 'a.b' },
    patch: { type: 'ExternalName', externalName: 'a.b' },
  },
};
/** Which of the fields that a type may have are there. */
const has: Record<string, string[]> = {
  ClusterIP: ['clusterIP'],
  NodePort: ['clusterIP', 'nodePort', 'externalTrafficPolicy'],
  LoadBalancer: ['clusterIP', 'nodePort', 'externalTrafficPolicy', 'allocateLoadBalancerNodePorts'],
  ExternalName: [],
};

for (const from of Object.keys(types)) {
  for (const to of Object.keys(types).filter((type) => type !== from)) {
    test(`a Service changes from ${from} to ${to}, with the fields of its new type`, async () => {
      const name = `${from}-to-${to}`.toLowerCase();
      const made = await create(name, types[from]?.spec ?? {});
      const { body, code } = await patch(name, types[to]?.patch ?? {});
      assert.equal(code, 200, body.message);
      const present: Record<string, unknown> = { ...body.spec, nodePort: body.spec.ports?.[0]?.nodePort };
      const fields = ['clusterIP', 'nodePort', 'externalTrafficPolicy', 'allocateLoadBalancerNodePorts'];
      assert.deepEqual(
        fields.filter((field) => present[field] !== undefined),
        has[to],
      );
      assert.equal(present['healthCheckNodePort'], to === 'LoadBalancer' ? present['healthCheckNodePort'] : undefined);
      const address = made.body.spec.clusterIP;
      if (address && present['clusterIP']) assert.equal(present['clusterIP'], address);
    });
  }
}

test('what was allocated is checked before anything else, and given back when something else is wrong', async () => {
  const both = await create('twice-wrong', { clusterIP: '192.0.2.1', ports: [{ port: 0 }] });
  assert.deepEqual(causesOf(both), ['FieldValueInvalid spec.clusterIPs']);
  const wrong = { type: 'NodePort', clusterIP: '10.96.0.77', ports: [{ port: 0, nodePort: 30077 }] };
  assert.equal((await create('wrong', wrong)).code, 422);
  const right = { ...wrong, ports: [{ port: 1, nodePort: 30077 }] };
  assert.equal((await create('right', right)).code, 201);
});

test('a dry run takes no address', async () => {
  const spec = { type: 'NodePort', clusterIP: '10.96.0.88', ports: [{ port: 1, nodePort: 30078 }] };
  for (const name of ['dry1', 'dry2']) {
    const { body, code } = await api.send('POST', `${services}?dryRun=All`, { metadata: { name }, spec });
    assert.equal(code, 201);
    assert.equal(body.spec.clusterIP, '10.96.0.88');
  }
  assert.equal((await create('wet', spec)).code, 201);
  const changed = await api.send('PATCH', `${services}/wet?dryRun=All`, { spec: { type: 'ClusterIP' } }, merge);
  assert.equal(changed.body.spec.ports[0].nodePort, undefined);
  assert.deepEqual(causesOf(await create('taken', { type: 'NodePort', ports: [{ port: 1, nodePort: 30078 }] })), [
    'FieldValueInvalid spec.ports[0].nodePort',
  ]);
});

test('a port may go with its node port when the type goes', async () => {
  const two = [
    { name: 'a', port: 1 },
    { name: 'b', port: 2 },
  ];
  await create('shrinks', { type: 'NodePort', ports: two });
  const { body, code } = await patch('shrinks', { type: 'ClusterIP', ports: two.slice(0, 1) });
  assert.equal(code, 200, body.message);
});

const refusedUpdates: Record<string, [object, object, ...string[]]> = {
  'another address': [{ ports }, { clusterIP: '10.96.9.9' }, 'FieldValueInvalid spec.clusterIPs[0]'],
  "another one's address": [{ ports }, { clusterIP: '10.96.0.1' }, 'FieldValueInvalid spec.clusterIPs[0]'],
  'no address any more': [{ ports }, { clusterIP: 'None' }, 'FieldValueInvalid spec.clusterIPs[0]'],
  'another family': [{ ports }, { ipFamilies: ['IPv6'] }, 'FieldValueInvalid spec.clusterIPs[0]'],
  'a second family': [{ ports }, { ipFamilyPolicy: 'RequireDualStack' }, 'FieldValueInvalid spec.ipFamilyPolicy'],
  'another class of balancers': [
    { type: 'LoadBalancer', ports, loadBalancerClass: 'a.b/c' },
    { loadBalancerClass: 'a.b/d' },
    'FieldValueInvalid spec.loadBalancerClass',
  ],
  'another health check port': [
    { type: 'LoadBalancer', ports, externalTrafficPolicy: 'Local', healthCheckNodePort: 30079 },
    { healthCheckNodePort: 30080 },
    'FieldValueForbidden spec.healthCheckNodePort',
  ],
};
for (const [what, [spec, change, ...causes]] of Object.entries(refusedUpdates)) {
  test(`a Service does not get ${what}`, async () => {
    const name = what.replaceAll(/[^a-z]/g, '-');
    assert.equal((await create(name, spec)).code, 201);
    assert.deepEqual(causesOf(await patch(name, change)), causes);
  });
}

test('a node port cannot be the health check port of its own Service', async () => {
  const spec = { type: 'LoadBalancer', externalTrafficPolicy: 'Local' };
  const [one, other] = [
    { port: 1, nodePort: 30083 },
    { port: 1, nodePort: 30084 },
  ];
  assert.equal((await create('same', { ...spec, ports: [one], healthCheckNodePort: 30083 })).code, 500);
  assert.equal((await create('same', { ...spec, ports: [one], healthCheckNodePort: 30084 })).code, 201);
  assert.deepEqual(causesOf(await patch('same', { ports: [other] })), ['FieldValueInvalid spec.ports[0].nodePort']);
});

test('a health check port that is taken or out of range is an internal error, and takes nothing', async () => {
  assert.equal((await create('taker', { type: 'NodePort', ports: [{ port: 80, nodePort: 30081 }] })).code, 201);
  for (const healthCheckNodePort of [30081, 80]) {
    const spec = { type: 'LoadBalancer', ports: [{ port: 1, nodePort: 30082 }], externalTrafficPolicy: 'Local' };
    const { code, body } = await create('asker', { ...spec, healthCheckNodePort });
    assert.deepEqual([code, body.reason], [500, 'InternalError']);
    assert.match(body.message, /^Internal error occurred: failed to allocate requested HealthCheck NodePort/);
  }
  assert.equal((await create('next', { type: 'NodePort', ports: [{ port: 1, nodePort: 30082 }] })).code, 201);
});

test('a balancer reports addresses and names that are ones', async () => {
  await create('reported', { type: 'LoadBalancer', ports });
  await create('unbalanced', { ports });
  const report = (name: string, ...ingress: object[]) =>
    api.send('PATCH', `${services}/${name}/status`, { status: { loadBalancer: { ingress } } }, merge);
  const at = 'status.loadBalancer.ingress';
  const broken = await report(
    'reported',
    { ip: 'x' },
    { ip: '1.2.3.4', ipMode: 'Odd' },
    { ipMode: 'VIP' },
    { hostname: '1.2.3.4' },
  );
  assert.deepEqual(causesOf(broken), [
    `FieldValueInvalid ${at}[0].ip`,
    `FieldValueNotSupported ${at}[1].ipMode`,
    `FieldValueForbidden ${at}[2].ipMode`,
    `FieldValueInvalid ${at}[3].hostname`,
  ]);
  assert.deepEqual(causesOf(await report('unbalanced', { ip: 'x' })), [`FieldValueForbidden ${at}`]);
  assert.equal((await report('reported', { ip: '1.2.3.4' }, { hostname: 'a.b' })).code, 200);
});

const refused: Record<string, [object, ...string[]]> = {
  'source ranges of no balancer': [
    { ports, loadBalancerSourceRanges: ['10.0.0.1/8'] },
    'FieldValueForbidden spec.LoadBalancerSourceRanges',
    'FieldValueInvalid spec.LoadBalancerSourceRanges[0]',
  ],
  'a node port of a cluster IP': [
    { ports: [{ port: 1, nodePort: 30001 }] },
    'FieldValueForbidden spec.ports[0].nodePort',
  ],
  'two addresses of one family': [
    { clusterIP: '10.96.0.5', clusterIPs: ['10.96.0.5', '10.96.0.6'], ports },
    'FieldValueInvalid spec.clusterIPs',
  ],
  'one policy and two families': [
    { ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv4', 'IPv6'], ports },
    'FieldValueInvalid spec.ipFamilyPolicy',
  ],
};
for (const [what, [spec, ...causes]] of Object.entries(refused)) {
  test(`a Service with ${what} is refused`, async () => {
    assert.deepEqual(causesOf(await create('refused', spec)).sort(), causes);
  });
}

test('a Service may be called what a host may be called, a digit first', async () => {
  assert.equal((await create('1st', { ports })).code, 201);
});

test('two names of one setting must agree', async () => {
  const annotations = {
    'service.kubernetes.io/topology-aware-hints': 'auto',
    'service.kubernetes.io/topology-mode': 'disabled',
  };
  assert.deepEqual(causesOf(await create('hints', { ports }, { annotations })), [
    'FieldValueInvalid metadata.annotations[service.kubernetes.io/topology-mode]',
  ]);
});

test('switching the allocation of node ports off keeps those that there are', async () => {
  const spec = { type: 'LoadBalancer', loadBalancerClass: 'a.b/c', ports };
  const [port] = (await create('keeps', spec)).body.spec.ports;
  const off = await patch('keeps', { allocateLoadBalancerNodePorts: false });
  assert.deepEqual([off.code, off.body.spec.ports], [200, [port]]);
  const gone = await patch('keeps', { type: 'ClusterIP', loadBalancerClass: null });
  assert.deepEqual(gone.body.spec.ports, [{ port: 80, protocol: 'TCP', targetPort: 80 }]);
});

test('an alias shows no policy of internal traffic, and is refused one that is none', async () => {
  const spec = { type: 'ExternalName', externalName: 'a.b', internalTrafficPolicy: 'Local' };
  assert.equal((await create('alias', spec)).body.spec.internalTrafficPolicy, undefined);
  assert.equal((await patch('alias', { internalTrafficPolicy: 'Local' })).body.spec.internalTrafficPolicy, undefined);
  assert.deepEqual(causesOf(await patch('alias', { internalTrafficPolicy: 'Far' })), [
    'FieldValueNotSupported spec.internalTrafficPolicy',
  ]);
});

test('a type that is none is all that is wrong with a change to it', async () => {
  await create('typed', { ports });
  assert.deepEqual(causesOf(await patch('typed', { type: 'Foo' })), ['FieldValueNotSupported spec.type']);
  assert.deepEqual(causesOf(await create('untyped', { type: 'Foo', ports })), ['FieldValueNotSupported spec.type']);
});
