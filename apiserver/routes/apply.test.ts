import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Answered, TestServer } from '../testing.ts';

const server = await TestServer.start();
after(() => server[Symbol.asyncDispose]());

const namespace = '/api/v1/namespaces/default';
const yaml = { 'content-type': 'application/apply-patch+yaml' };
const merge = { 'content-type': 'application/merge-patch+json' };

function apply(path: string, manager: string, config: object, query = ''): Promise<Answered> {
  return server.send('PATCH', `${path}?fieldManager=${manager}${query}`, config, yaml);
}

const configMap = (name: string, data?: object, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  ...(data && { data }),
});
const at = (name: string): string => `${namespace}/configmaps/${name}`;

/** Who owns what: `manager Operation subresource: {...}`. */
function owners({ body }: Answered): Record<string, object> {
  // Entries of an answer.
  const entries: { manager: string; operation: string; subresource?: string; fieldsV1: object }[] =
    body.metadata.managedFields ?? [];
  return Object.fromEntries(
    entries.map(({ manager, operation, subresource, fieldsV1 }) => {
      return [[manager, operation, subresource].filter(Boolean).join(' '), fieldsV1];
    }),
  );
}

test('applying a configuration of nothing creates the object, and the applier owns what it says', async () => {
  const made = await apply(at('made'), 'a', configMap('made', { x: '1' }, { labels: { l: '1' } }));
  assert.equal(made.code, 201);
  assert.deepEqual(owners(made), {
    'a Apply': { 'f:data': { 'f:x': {} }, 'f:metadata': { 'f:labels': { 'f:l': {} } } },
  });
  const [entry] = made.body.metadata.managedFields;
  assert.deepEqual(Object.keys(entry), ['manager', 'operation', 'apiVersion', 'time', 'fieldsType', 'fieldsV1']);
});

test('applying the same again changes nothing, neither the version nor the time', async () => {
  const config = configMap('same', { x: '1' });
  const first = await apply(at('same'), 'a', config);
  const again = await apply(at('same'), 'a', config);
  assert.equal(again.code, 200);
  assert.deepEqual(again.body, first.body);
});

test('a conflict names all managers and fields, and nothing is written', async () => {
  await apply(at('conflict'), 'a', configMap('conflict', { x: '1', y: '1' }));
  await apply(at('conflict'), 'b', configMap('conflict', { y: '1' }));
  const refused = await apply(at('conflict'), 'c', configMap('conflict', { x: '2', y: '2' }));
  assert.equal(refused.code, 409);
  assert.deepEqual(refused.body.details, {
    causes: [
      { reason: 'FieldManagerConflict', message: 'conflict with "a"', field: '.data.x' },
      { reason: 'FieldManagerConflict', message: 'conflict with "a"', field: '.data.y' },
      { reason: 'FieldManagerConflict', message: 'conflict with "b"', field: '.data.y' },
    ],
  });
  assert.equal(
    refused.body.message,
    'Apply failed with 3 conflicts: conflicts with "a":\n- .data.x\n- .data.y\nconflicts with "b":\n- .data.y',
  );
  const { body } = await server.send('GET', at('conflict'));
  assert.deepEqual(body.data, { x: '1', y: '1' });
});

test('a conflict with an update says by which version', async () => {
  await server.send('POST', `${namespace}/configmaps?fieldManager=poster`, configMap('update', { x: '1' }));
  const { body } = await apply(at('update'), 'a', configMap('update', { x: '2' }));
  assert.equal(body.message, 'Apply failed with 1 conflict: conflict with "poster" using v1: .data.x');
});

test('force takes fields over; owners of equal values share', async () => {
  await apply(at('force'), 'a', configMap('force', { x: '1', y: '1' }));
  const shared = await apply(at('force'), 'b', configMap('force', { x: '1' }));
  assert.deepEqual(owners(shared), {
    'a Apply': { 'f:data': { 'f:x': {}, 'f:y': {} } },
    'b Apply': { 'f:data': { 'f:x': {} } },
  });
  const forced = await apply(at('force'), 'b', configMap('force', { x: '2' }), '&force=true');
  assert.deepEqual(forced.body.data, { x: '2', y: '1' });
  assert.deepEqual(owners(forced), { 'a Apply': { 'f:data': { 'f:y': {} } }, 'b Apply': { 'f:data': { 'f:x': {} } } });
});

test('what an applier lets go of is removed, unless another one owns it', async () => {
  await apply(at('go'), 'a', configMap('go', { x: '1', y: '1' }, { labels: { l: '1' } }));
  await apply(at('go'), 'b', configMap('go', { y: '1' }));
  const { body } = await apply(at('go'), 'a', configMap('go', {}));
  assert.deepEqual(body.data, { y: '1' });
  assert.equal(body.metadata.labels, undefined);
});

test('a null is owned and removes', async () => {
  await apply(at('null'), 'a', { ...configMap('null'), immutable: false });
  const { body } = await apply(at('null'), 'b', { ...configMap('null'), immutable: null }, '&force=true');
  assert.equal(body.immutable, undefined);
  assert.deepEqual(body.metadata.managedFields[0].fieldsV1, { 'f:immutable': {} });
});

test('each kind of write leaves its fields to its manager', async () => {
  const path = at('writes');
  const created = await server.send('POST', `${namespace}/configmaps`, configMap('writes', { a: '1' }), {
    'user-agent': 'client/1.0 (linux)',
  });
  assert.deepEqual(owners(created), { 'client Update': { 'f:data': { '.': {}, 'f:a': {} } } });
  await server.send('PUT', `${path}?fieldManager=put`, configMap('writes', { a: '1', b: '1' }));
  await server.send('PATCH', `${path}?fieldManager=merge`, { data: { c: '1' } }, merge);
  const json = { 'content-type': 'application/json-patch+json' };
  await server.send('PATCH', `${path}?fieldManager=json`, [{ op: 'add', path: '/data/d', value: '1' }], json);
  const strategic = { 'content-type': 'application/strategic-merge-patch+json' };
  const last = await server.send('PATCH', `${path}?fieldManager=strategic`, { data: { e: '1', a: null } }, strategic);
  assert.deepEqual(owners(last), {
    'client Update': { 'f:data': {} },
    'json Update': { 'f:data': { 'f:d': {} } },
    'merge Update': { 'f:data': { 'f:c': {} } },
    'put Update': { 'f:data': { 'f:b': {} } },
    'strategic Update': { 'f:data': { 'f:e': {} } },
  });
});

test('a write that changes nothing takes nothing', async () => {
  await server.send('POST', `${namespace}/configmaps?fieldManager=one`, configMap('idle', { a: '1' }));
  const before = await server.send('GET', at('idle'));
  const put = await server.send('PUT', `${at('idle')}?fieldManager=two`, configMap('idle', { a: '1' }));
  assert.deepEqual(put.body, before.body);
});

test('the status is a part of its own: a write of the one can never own the other', async () => {
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'status' }, spec: { ports: [{ port: 80 }] } };
  await server.send('POST', `${namespace}/services?fieldManager=maker`, service);
  const path = `${namespace}/services/status`;
  const condition = {
    type: 'Ready',
    status: 'True',
    reason: 'x',
    message: '',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  };
  const config = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'status' } };
  const status = { conditions: [condition] };
  const applied = await apply(`${path}/status`, 'agent', { ...config, spec: { type: 'NodePort' }, status });
  assert.equal(applied.code, 200);
  assert.equal(applied.body.spec.type, 'ClusterIP');
  assert.deepEqual(owners(applied)['agent Apply status'], {
    'f:status': {
      'f:conditions': {
        'k:{"type":"Ready"}': {
          '.': {},
          'f:lastTransitionTime': {},
          'f:message': {},
          'f:reason': {},
          'f:status': {},
          'f:type': {},
        },
      },
    },
  });
  const main = await apply(path, 'main', { ...config, metadata: { name: 'status', labels: { a: '1' } }, status });
  assert.deepEqual(owners(main)['main Apply'], { 'f:metadata': { 'f:labels': { 'f:a': {} } } });
  const refused = await apply(`${path}/status`, 'other', {
    ...config,
    status: { conditions: [{ ...condition, status: 'False' }] },
  });
  assert.equal(
    refused.body.message,
    'Apply failed with 1 conflict: conflict with "agent" with subresource "status": .status.conditions[type="Ready"].status',
  );
  assert.equal((await apply(`${namespace}/services/nope/status`, 'agent', { ...config, status })).code, 404);
});

test('a scale owns the replicas that it sets', async () => {
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const spec = { replicas: 0, selector: { matchLabels: { a: 'b' } }, template };
  const replicaSet = { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'scale' }, spec };
  const path = '/apis/apps/v1/namespaces/default/replicasets';
  await apply(`${path}/scale`, 'a', replicaSet);
  await server.send('PATCH', `${path}/scale/scale?fieldManager=scaler`, { spec: { replicas: 2 } }, merge);
  const { body } = await server.send('GET', `${path}/scale`);
  const scaler = body.metadata.managedFields.find(({ manager }: { manager: string }) => manager === 'scaler');
  assert.deepEqual(scaler.fieldsV1, { 'f:spec': { 'f:replicas': {} } });
  assert.equal(scaler.subresource, 'scale');
  const refused = await apply(`${path}/scale`, 'a', replicaSet);
  assert.equal(
    refused.body.message,
    'Apply failed with 1 conflict: conflict with "scaler" with subresource "scale" using apps/v1: .spec.replicas',
  );
});

test('finalizers are a set, owner references go by uid, labels by name', async () => {
  const owner = { apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'u1' };
  await apply(at('meta'), 'a', configMap('meta', undefined, { finalizers: ['a.io/x'], ownerReferences: [owner] }));
  const both = await apply(at('meta'), 'b', configMap('meta', undefined, { finalizers: ['b.io/x'] }));
  assert.deepEqual(both.body.metadata.finalizers, ['a.io/x', 'b.io/x']);
  assert.deepEqual(owners(both), {
    'a Apply': {
      'f:metadata': { 'f:finalizers': { 'v:"a.io/x"': {} }, 'f:ownerReferences': { 'k:{"uid":"u1"}': {} } },
    },
    'b Apply': { 'f:metadata': { 'f:finalizers': { 'v:"b.io/x"': {} } } },
  });
  const one = await apply(at('meta'), 'a', configMap('meta'));
  assert.deepEqual(one.body.metadata.finalizers, ['b.io/x']);
  assert.equal(one.body.metadata.ownerReferences, undefined);
});

test('managed fields can be cleared, and are tracked again from the next apply', async () => {
  for (const [name, value] of Object.entries({ none: [], empty: [{}] })) {
    await server.send('POST', `${namespace}/configmaps`, configMap(`clear-${name}`, { x: '1' }));
    const path = at(`clear-${name}`);
    const cleared = await server.send('PATCH', path, { metadata: { managedFields: value } }, merge);
    assert.equal(cleared.body.metadata.managedFields, undefined);
    const changed = await server.send('PATCH', path, { data: { y: '1' } }, merge);
    assert.equal(changed.body.metadata.managedFields, undefined);
    assert.deepEqual(owners(await apply(path, 'a', configMap(`clear-${name}`, { z: '1' }))), {
      'a Apply': { 'f:data': { 'f:z': {} } },
      'before-first-apply Update': { 'f:data': { '.': {}, 'f:x': {}, 'f:y': {} } },
    });
  }
});

test('a client that knows nothing of managed fields does not lose them, one that sends malformed ones neither', async () => {
  await server.send('POST', `${namespace}/configmaps?fieldManager=a`, configMap('keep', { x: '1' }));
  const before = owners(await server.send('GET', at('keep')));
  for (const managedFields of [
    undefined,
    [{ manager: 'x' }],
    [{ manager: 'x', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { bad: {} } }],
  ]) {
    const put = await server.send(
      'PUT',
      `${at('keep')}?fieldManager=b`,
      configMap('keep', { x: '1' }, { managedFields }),
    );
    assert.deepEqual(owners(put), before);
  }
});

test('who knows may rewrite managed fields, as kubectl does when it moves from client-side apply', async () => {
  await server.send('POST', `${namespace}/configmaps?fieldManager=old`, configMap('rewrite', { x: '1' }));
  const { body } = await server.send('GET', at('rewrite'));
  const [entry] = body.metadata.managedFields;
  const patch = [
    { op: 'replace', path: '/metadata/managedFields', value: [{ ...entry, manager: 'new', operation: 'Apply' }] },
  ];
  const patched = await server.send('PATCH', at('rewrite'), patch, { 'content-type': 'application/json-patch+json' });
  assert.deepEqual(owners(patched), { 'new Apply': entry.fieldsV1 });
});

test('only so many updates are kept apart', async () => {
  await server.send('POST', `${namespace}/configmaps?fieldManager=m00`, configMap('many', { k00: '1' }));
  for (let index = 1; index <= 11; index++) {
    const name = String(index).padStart(2, '0');
    await server.send('PATCH', `${at('many')}?fieldManager=m${name}`, { data: { [`k${name}`]: '1' } }, merge);
  }
  const last = owners(await server.send('GET', at('many')));
  assert.equal(Object.keys(last).length, 10);
  assert.ok('ancient-changes Update' in last);
});

test('kubectl takes over what it applied client-side, and keeps the annotation in line', async () => {
  const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
  const applied = JSON.stringify(configMap('take', { x: '1', y: '1' }));
  const live = configMap('take', { x: '1', y: '1' }, { annotations: { [annotation]: applied } });
  await server.send('POST', `${namespace}/configmaps?fieldManager=kubectl-client-side-apply`, live);
  await server.send('PATCH', `${at('take')}?fieldManager=other`, { data: { y: '2' } }, merge);
  const refused = await apply(at('take'), 'kubectl', configMap('take', { x: '2', y: '3' }));
  assert.deepEqual(
    refused.body.details.causes.map(({ field }: { field: string }) => field),
    ['.data.y'],
  );
  const taken = await apply(at('take'), 'kubectl', configMap('take', { x: '2' }));
  assert.equal(taken.code, 200);
  assert.equal(
    taken.body.metadata.annotations[annotation],
    '{"apiVersion":"v1","data":{"x":"2"},"kind":"ConfigMap","metadata":{"name":"take"}}\n',
  );
});

test('a dry run shows the outcome and writes nothing', async () => {
  const made = await apply(at('dry'), 'a', configMap('dry', { x: '1' }), '&dryRun=All');
  assert.equal(made.code, 201);
  assert.deepEqual(owners(made), { 'a Apply': { 'f:data': { 'f:x': {} } } });
  assert.equal((await server.send('GET', at('dry'))).code, 404);
});

test('a configuration may be YAML', async () => {
  const text = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: text\ndata:\n  x: "1"\n';
  const { code, body } = await server.send('PATCH', `${at('text')}?fieldManager=a`, text, yaml);
  assert.equal(code, 201);
  assert.deepEqual(body.data, { x: '1' });
});

const refusals: Record<string, { config: object; query?: string; code: number; message: RegExp }> = {
  'of another kind': {
    config: { ...configMap('no'), kind: 'Secret' },
    code: 400,
    message: /invalid object type: \/v1, Kind=Secret/,
  },
  'of another version': { config: { ...configMap('no'), apiVersion: 'v2' }, code: 400, message: /invalid object type/ },
  'with another name': { config: configMap('other'), code: 400, message: /name/ },
  'with another namespace': {
    config: configMap('no', {}, { namespace: 'kube-system' }),
    code: 400,
    message: /namespace/,
  },
  'with managed fields': {
    config: configMap('no', {}, { managedFields: [] }),
    code: 400,
    message: /metadata.managedFields must be nil/,
  },
  'with a field that is not there': {
    config: { ...configMap('no'), nope: 1 },
    code: 500,
    message: /failed to create typed patch object \(\/no; \/v1, Kind=ConfigMap\): .nope: field not declared in schema/,
  },
  'with a value of another type': { config: configMap('no', { x: 1 }), code: 500, message: /.data.x: expected string/ },
  'that is invalid': { config: configMap('no', { 'not/a/key': '' }), code: 422, message: /is invalid/ },
  'with a uid of something that is not there': {
    config: configMap('no', {}, { uid: 'u' }),
    code: 409,
    message: /uid mismatch/,
  },
  'that repeats a field, strictly': {
    config: configMap('no'),
    query: '&fieldValidation=Strict',
    code: 400,
    message: /duplicate field/,
  },
};

for (const [what, { config, query = '', code, message }] of Object.entries(refusals)) {
  test(`a configuration ${what} is refused with ${code}`, async () => {
    const text = JSON.stringify(config).replace(
      '{"apiVersion"',
      query ? '{"kind":"ConfigMap","apiVersion"' : '{"apiVersion"',
    );
    const refused = await server.send('PATCH', `${at('no')}?fieldManager=a${query}`, text, yaml);
    assert.equal(refused.code, code);
    assert.match(refused.body.message, message);
  });
}

test('an applier has to say who it is, and only an applier may force', async () => {
  const unnamed = await server.send('PATCH', at('no'), configMap('no'), yaml);
  assert.deepEqual([unnamed.code, unnamed.body.details.causes[0].field], [422, 'fieldManager']);
  const forced = await server.send('PATCH', `${at('same')}?force=true`, {}, merge);
  assert.deepEqual([forced.code, forced.body.details.causes[0].field], [422, 'force']);
});

test('a scale can be applied: replicas have one owner, whichever path they come by', async () => {
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const spec = { replicas: 0, selector: { matchLabels: { a: 'b' } }, template };
  const replicaSet = { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'scale-apply' }, spec };
  const path = '/apis/apps/v1/namespaces/default/replicasets/scale-apply';
  await apply(path, 'a', replicaSet);
  const scale = {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: 'scale-apply' },
    spec: { replicas: 1 },
  };
  const refused = await apply(`${path}/scale`, 'scaler', scale);
  assert.equal(refused.body.message, 'Apply failed with 1 conflict: conflict with "a": .spec.replicas');
  const forced = await apply(`${path}/scale`, 'scaler', scale, '&force=true');
  assert.deepEqual([forced.code, forced.body.spec], [200, { replicas: 1 }]);
  const after = owners(await server.send('GET', path));
  assert.deepEqual(after['scaler Apply scale'], { 'f:spec': { 'f:replicas': {} } });
  const { 'f:spec': left } = after['a Apply'] as { 'f:spec': object };
  assert.deepEqual(Object.keys(left), ['f:selector', 'f:template']);
});
