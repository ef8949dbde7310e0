import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Answered, TestServer } from '../../testing.ts';

let api: TestServer;
const pods = '/api/v1/namespaces/default/pods';
const strategic = { 'content-type': 'application/strategic-merge-patch+json' };
const merge = { 'content-type': 'application/merge-patch+json' };

before(async () => {
  api = await TestServer.start();
  await api.send('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'own' } });
});
after(() => api[Symbol.asyncDispose]());

const pod = (name: string, spec: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: {
    serviceAccountName: 'own',
    automountServiceAccountToken: false,
    containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '1' }, limits: { cpu: '2' } } }],
    ...spec,
  },
});
const make = async (name: string, spec?: object): Promise<void> =>
  assert.equal((await api.send('POST', pods, pod(name, spec))).code, 201);
const causesOf = ({ body }: Answered): string[] =>
  (body.details?.causes ?? []).map((cause: { reason: string; field: string }) => `${cause.reason} ${cause.field}`);
const patch = (name: string, body: object, subresource = '', headers = strategic): Promise<Answered> =>
  api.send('PATCH', `${pods}/${name}${subresource}`, body, headers);

test('what a Pod may change: images, tolerations that are added, a deadline that shrinks', async () => {
  await make('mutable');
  const changes = [
    { containers: [{ name: 'c', image: 'j' }] },
    { tolerations: [{ key: 'a', operator: 'Exists' }] },
    { activeDeadlineSeconds: 100 },
    { activeDeadlineSeconds: 50 },
  ];
  for (const spec of changes) {
    const kept = (await api.send('GET', `${pods}/mutable`)).body.spec.tolerations;
    const tolerations = 'tolerations' in spec ? [...kept, ...(spec.tolerations ?? [])] : kept;
    assert.deepEqual(causesOf(await patch('mutable', { spec: { ...spec, tolerations } })), [], JSON.stringify(spec));
  }
});

test('what a Pod may not change names the field where it can', async () => {
  const tolerations = [{ key: 'a', operator: 'Exists' }];
  await make('immutable', { activeDeadlineSeconds: 10, initContainers: [{ name: 'i', image: 'i' }], tolerations });
  const cases: [object, string][] = [
    [{ containers: [{ name: 'c', command: ['x'] }] }, 'FieldValueForbidden spec'],
    [{ containers: [{ name: 'd', image: 'i' }] }, 'FieldValueForbidden spec.containers'],
    [{ initContainers: [{ name: 'j', image: 'i' }] }, 'FieldValueForbidden spec.initContainers'],
    [{ activeDeadlineSeconds: 20 }, 'FieldValueInvalid spec.activeDeadlineSeconds'],
    [{ tolerations: [] }, 'FieldValueForbidden spec.tolerations'],
    [{ nodeName: 'n' }, 'FieldValueForbidden spec'],
    [{ terminationGracePeriodSeconds: 1 }, 'FieldValueForbidden spec'],
    [{ schedulingGates: [{ name: 'a.b/c' }] }, 'FieldValueForbidden spec.schedulingGates[0].name'],
    [{ ephemeralContainers: [{ name: 'e', image: 'i' }] }, 'FieldValueForbidden spec'],
  ];
  for (const [spec, cause] of cases) {
    const headers = 'tolerations' in spec ? merge : strategic;
    const answer = await patch('immutable', { spec }, '', headers);
    assert.equal(answer.code, 422, JSON.stringify(spec));
    // The same rule may speak twice, of a deadline as of a new Pod.
    assert.ok(causesOf(answer).includes(cause), `${cause}: ${causesOf(answer)}`);
  }
});

test('a gated Pod waits visibly, may narrow where it runs, and loses its gates', async () => {
  await make('gated', { schedulingGates: [{ name: 'a.b/c' }], nodeSelector: { a: 'b' } });
  const { body } = await api.send('GET', `${pods}/gated`);
  assert.equal(body.status.conditions[0].reason, 'SchedulingGated');
  assert.equal((await patch('gated', { spec: { nodeSelector: { c: 'd' } } })).code, 200);
  assert.deepEqual(causesOf(await patch('gated', { spec: { nodeSelector: { a: 'x' } } })), [
    'FieldValueInvalid spec.nodeSelector',
  ]);
  assert.equal((await patch('gated', { spec: { schedulingGates: null } }, '', merge)).code, 200);
  assert.deepEqual(causesOf(await patch('gated', { spec: { nodeSelector: { e: 'f' } } })), [
    'FieldValueForbidden spec',
  ]);
});

test('resize changes cpu and memory alone', async () => {
  await make('resized');
  const resources = (cpu: string): object => ({ containers: [{ name: 'c', resources: { requests: { cpu } } }] });
  const grown = await patch('resized', { spec: resources('1500m') }, '/resize');
  assert.equal(grown.body.spec.containers[0].resources.requests.cpu, '1500m');
  assert.equal(grown.body.metadata.generation, 2);
  const other = await patch('resized', { spec: { containers: [{ name: 'c', image: 'other' }] } }, '/resize');
  assert.equal(other.body.spec.containers[0].image, 'i');
  assert.deepEqual(causesOf(await patch('resized', { spec: resources('3') }, '/resize')), [
    'FieldValueInvalid spec.containers[0].resources.requests',
  ]);
  const removed = { spec: { containers: [{ name: 'c', image: 'i', resources: null }] } };
  const causes = causesOf(await patch('resized', removed, '/resize', merge));
  assert.ok(causes.includes('FieldValueForbidden spec.containers[0].resources.requests'), String(causes));
  assert.deepEqual(causesOf(await patch('resized', { spec: resources('1') })), ['FieldValueForbidden spec']);
});

test('ephemeral containers are added at their own path, and stay', async () => {
  await make('looked-into');
  const debug = { name: 'debug', image: 'i', targetContainerName: 'c' };
  const added = await patch('looked-into', { spec: { ephemeralContainers: [debug] } }, '/ephemeralcontainers');
  assert.equal(added.body.spec.ephemeralContainers[0].name, 'debug');
  const gone = { spec: { ephemeralContainers: null } };
  assert.deepEqual(causesOf(await patch('looked-into', gone, '/ephemeralcontainers', merge)), [
    'FieldValueForbidden spec.ephemeralContainers',
  ]);
  const created = await api.send('POST', pods, pod('new', { ephemeralContainers: [debug] }));
  assert.deepEqual(causesOf(created), ['FieldValueForbidden spec.ephemeralContainers']);
});

test('a status is checked, and a container that ended for good stays ended', async () => {
  await make('reported', { restartPolicy: 'Never' });
  const status = (state: object) => ({
    status: { containerStatuses: [{ name: 'c', image: 'i', imageID: '', ready: false, restartCount: 0, state }] },
  });
  assert.equal((await patch('reported', status({ terminated: { exitCode: 1 } }), '/status', merge)).code, 200);
  const again = await patch('reported', status({ running: {} }), '/status', merge);
  assert.deepEqual(causesOf(again), ['FieldValueForbidden status.containerStatuses[0].state']);
  const cases: [object, string][] = [
    [{ podIPs: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] }, 'FieldValueInvalid status.podIPs'],
    [{ hostIP: '10.0.0.1', hostIPs: [{ ip: '10.0.0.2' }] }, 'FieldValueInvalid status.hostIPs[0].ip'],
    [{ conditions: [{ type: 'a b', status: 'True' }] }, 'FieldValueInvalid status.conditions[0].Type'],
    [{ observedGeneration: -1 }, 'FieldValueInvalid status.observedGeneration'],
  ];
  for (const [given, cause] of cases) {
    assert.deepEqual(causesOf(await patch('reported', { status: given }, '/status', merge)), [cause]);
  }
});

test("keys of labels become part of a new Pod's selectors", async () => {
  const term = { topologyKey: 'zone', labelSelector: {}, matchLabelKeys: ['app'], mismatchLabelKeys: ['tenant'] };
  const wanted = pod('keyed', {
    affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
  });
  const labelled = { ...wanted, metadata: { name: 'keyed', labels: { app: 'a', tenant: 't' } } };
  const { body } = await api.send('POST', pods, labelled);
  const [made] = body.spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution;
  assert.deepEqual(made.labelSelector.matchExpressions, [
    { key: 'app', operator: 'In', values: ['a'] },
    { key: 'tenant', operator: 'NotIn', values: ['t'] },
  ]);
});

test('what works and is likely not meant so is warned about', async () => {
  const env = [
    { name: 'A', value: '1' },
    { name: 'A', value: '2' },
  ];
  const ports = [{ containerPort: 80 }, { containerPort: 80, name: 'web' }];
  const answer = await api.send(
    'POST',
    `${pods}?dryRun=All`,
    pod('a.b', {
      nodeSelector: { 'beta.kubernetes.io/os': 'linux' },
      containers: [{ name: 'c', image: 'i', env, ports, resources: { limits: { memory: '1500m' } } }],
    }),
  );
  assert.equal(answer.code, 201);
  const warnings = String(answer.headers['warning']);
  for (const part of [
    'metadata.name: this is used in the Pod',
    'spec.nodeSelector[beta.kubernetes.io/os]: deprecated',
    'spec.containers[0].env[1]: hides previous definition',
    'spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]',
    'spec.containers[0].resources.limits[memory]: fractional byte value',
  ]) {
    assert.ok(warnings.includes(part), `${part} in ${warnings}`);
  }
});
