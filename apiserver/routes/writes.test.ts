import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TestServer } from '../testing.ts';

let api: TestServer;
before(async () => {
  api = await TestServer.start();
});
after(() => api[Symbol.asyncDispose]());

const maps = '/api/v1/namespaces/default/configmaps';
const merge = { 'content-type': 'application/merge-patch+json' };
const configMap = (name: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...more },
});

test('create answers 201 with what the server owns, and get and list show it', async () => {
  const { code, body } = await api.send('POST', maps, { ...configMap('create'), data: { a: '1' } });
  assert.equal(code, 201);
  assert.match(body.metadata.uid, /^[0-9a-f-]{36}$/);
  assert.match(body.metadata.creationTimestamp, /^\d{4}-.*Z$/);
  assert.deepEqual((await api.send('GET', `${maps}/create`)).body, body);
  const list = (await api.send('GET', `${maps}?fieldSelector=metadata.name%3Dcreate`)).body;
  const { kind: _kind, apiVersion: _version, ...item } = body;
  assert.equal(list.kind, 'ConfigMapList');
  assert.deepEqual(list.items, [item]);
});

test('a name that is taken is 409 AlreadyExists', async () => {
  await api.send('POST', maps, configMap('taken'));
  const { code, body } = await api.send('POST', maps, configMap('taken'));
  assert.equal(code, 409);
  assert.equal(body.reason, 'AlreadyExists');
});

test('a YAML body is YAML 1.1', async () => {
  const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: yaml}\nimmutable: y\n';
  const { code, body } = await api.send('POST', maps, yaml, { 'content-type': 'application/yaml' });
  assert.equal(code, 201);
  assert.equal(body.immutable, true);
});

test('keys that YAML repeats are warned of, refused where validation is strict, and let through where it is off', async () => {
  const yaml = (name: string) =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata:\n  a: "1"\n  a: "2"\n`;
  const type = { 'content-type': 'application/yaml' };
  const warned = await api.send('POST', maps, yaml('warned'), type);
  assert.deepEqual([warned.code, warned.body.data.a], [201, '2']);
  assert.match(String(warned.headers['warning']), /^299 - "yaml: .* line 6: key \\"a\\" already set in map"$/);
  const refused = await api.send('POST', `${maps}?fieldValidation=Strict`, yaml('refused'), type);
  assert.deepEqual([refused.code, refused.body.reason], [400, 'BadRequest']);
  const ignored = await api.send('POST', `${maps}?fieldValidation=Ignore`, yaml('ignored'), type);
  assert.deepEqual([ignored.code, ignored.headers['warning']], [201, undefined]);
  const apply = { 'content-type': 'application/apply-patch+yaml' };
  const applied = (query: string) =>
    api.send('PATCH', `${maps}/yaml-applied?fieldManager=m${query}`, yaml('yaml-applied'), apply);
  assert.equal((await applied('&fieldValidation=Strict')).code, 400);
  assert.match(String((await applied('')).headers['warning']), /already set in map/);
});

test('what is no JSON, another kind or another namespace is 400, and a strange media type 415', async () => {
  assert.equal((await api.send('POST', maps, '{"kind":')).code, 400);
  assert.equal((await api.send('POST', maps, { ...configMap('x'), kind: 'Secret' })).code, 400);
  assert.equal((await api.send('POST', maps, configMap('x', { namespace: 'other' }))).code, 400);
  assert.equal((await api.send('POST', maps, 'x', { 'content-type': 'text/plain' })).code, 415);
  assert.equal((await api.send('PATCH', `${maps}/x`, {}, { 'content-type': 'application/json' })).code, 415);
});

test('an object must have the name of its path, and what has no namespace ignores one', async () => {
  await api.send('POST', maps, configMap('named'));
  const nameless = { ...configMap('named'), metadata: {} };
  const undetermined = await api.send('PUT', `${maps}/named`, nameless);
  assert.deepEqual([undetermined.code, undetermined.body.reason], [400, 'BadRequest']);
  assert.equal((await api.send('PATCH', `${maps}/named`, { metadata: { name: null } }, merge)).code, 400);
  assert.equal((await api.send('PATCH', `${maps}/named`, { metadata: { name: 'other' } }, merge)).code, 400);
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'cluster-wide', namespace: 'default' } };
  const { code, body } = await api.send('POST', '/api/v1/nodes', node);
  assert.deepEqual([code, body.metadata.namespace], [201, undefined]);
});

const brokenMetadata: readonly (readonly [more: object, causes: string[]])[] = [
  [{ generation: -1 }, ['FieldValueInvalid metadata.generation']],
  [
    { ownerReferences: [{ apiVersion: '', kind: '', name: '', uid: '' }] },
    ['apiVersion', 'kind', 'name', 'uid'].map((name) => `FieldValueInvalid metadata.ownerReferences.${name}`),
  ],
  [
    { ownerReferences: [{ apiVersion: 'v1', kind: 'Event', name: 'a', uid: 'b' }] },
    ['FieldValueInvalid metadata.ownerReferences'],
  ],
  [
    {
      ownerReferences: ['a', 'b', 'c'].map((name) => ({
        apiVersion: 'v1',
        kind: 'Pod',
        name,
        uid: name,
        controller: true,
      })),
    },
    ['FieldValueInvalid metadata.ownerReferences', 'FieldValueInvalid metadata.ownerReferences'],
  ],
  [
    {
      ownerReferences: ['a/b/c', 'apps/'].map((apiVersion) => ({ apiVersion, kind: 'A', name: 'a', uid: apiVersion })),
    },
    ['FieldValueInvalid metadata.ownerReferences.apiVersion', 'FieldValueInvalid metadata.ownerReferences.apiVersion'],
  ],
  [{ finalizers: ['a'] }, ['FieldValueInvalid metadata.finalizers[0]']],
  [{ finalizers: ['orphan', 'foregroundDeletion'] }, ['FieldValueInvalid metadata.finalizers']],
  [{ labels: { 'a b': 'c', d: '!' } }, ['FieldValueInvalid metadata.labels', 'FieldValueInvalid metadata.labels']],
  [{ annotations: { 'a b': 'c' } }, ['FieldValueInvalid metadata.annotations']],
  [{ annotations: { a: 'x'.repeat(256 * 1024) } }, ['FieldValueTooLong metadata.annotations']],
];

test('metadata that breaks a rule is 422, with a cause for each', async () => {
  for (const [more, expected] of brokenMetadata) {
    const { code, body } = await api.send('POST', maps, configMap('broken', more));
    const causes = body.details?.causes ?? [];
    const given = causes.map(({ reason, field }: { reason: string; field: string }) => `${reason} ${field}`);
    assert.deepEqual([code, given], [422, expected]);
  }
});

test('owners that are named twice are named once, with a warning', async () => {
  const owner = { apiVersion: 'v1', kind: 'Pod', name: 'a', uid: 'u' };
  const ownerReferences = [owner, { ...owner, name: 'b' }, owner];
  const once = ownerReferences.slice(0, 2);
  const map = configMap('owned', { ownerReferences });
  const written = [
    await api.send('POST', maps, map),
    await api.send('PUT', `${maps}/owned`, map),
    await api.send('PATCH', `${maps}/owned`, { metadata: { ownerReferences } }, merge),
  ];
  const about = (when: string): string =>
    `299 - ".metadata.ownerReferences contains duplicate entries${when}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: u"`;
  assert.deepEqual(
    written.map(({ body, headers }) => [body.metadata.ownerReferences, headers['warning']]),
    ['', '', ' after mutating admission happens'].map((when) => [once, about(when)]),
  );
});

test('finalizers of a namespace need a domain, with indexes where they are changed', async () => {
  const spec = { finalizers: ['a.b/c', 'foo', 'a b/c'] };
  const created = await api.send('POST', '/api/v1/namespaces', { metadata: { name: 'finals' }, spec });
  await api.send('POST', '/api/v1/namespaces', { metadata: { name: 'finals' } });
  const changed = await api.send('PUT', '/api/v1/namespaces/finals/finalize', { metadata: { name: 'finals' }, spec });
  const fields = [created, changed].map(({ body }) => body.details.causes.map(({ field }: { field: string }) => field));
  assert.deepEqual(fields[0], ['spec.finalizers', 'spec.finalizers']);
  assert.deepEqual(fields[1], ['spec.finalizers[1]', 'spec.finalizers[2]']);
});

test('an update does not begin a deletion, and cannot take one back', async () => {
  await api.send('POST', maps, configMap('ending', { finalizers: ['example.com/a'] }));
  const set = (metadata: object) => api.send('PATCH', `${maps}/ending`, { metadata }, merge);
  const refused = await set({ deletionTimestamp: '2030-01-01T00:00:00Z', deletionGracePeriodSeconds: 3 });
  const fields = refused.body.details.causes.map(({ field }: { field: string }) => field);
  const both = ['metadata.deletionTimestamp', 'metadata.deletionGracePeriodSeconds'];
  assert.deepEqual(fields, [...both, ...both]);
  await api.send('DELETE', `${maps}/ending`);
  const { code, body } = await set({ deletionTimestamp: null, labels: { a: 'b' } });
  assert.deepEqual([code, body.metadata.labels], [200, { a: 'b' }]);
  assert.ok(body.metadata.deletionTimestamp);
  assert.equal((await set({ deletionGracePeriodSeconds: 9 })).code, 422);
  await set({ finalizers: null });
});

test('an update tells what is wrong with metadata as often as upstream does', async () => {
  const quotas = '/api/v1/namespaces/default/resourcequotas';
  await api.send('POST', maps, configMap('wrong'));
  await api.send('POST', quotas, { metadata: { name: 'wrong' } });
  const patch = { metadata: { labels: { a: '-' }, finalizers: ['-', 'a'] } };
  const told = async (path: string): Promise<number[]> => {
    const { body } = await api.send('PATCH', `${path}/wrong`, patch, merge);
    const fields = body.details.causes.map(({ field }: { field: string }) => field);
    return ['metadata.labels', 'metadata.finalizers', 'metadata.finalizers[1]'].map(
      (one) => fields.filter((f: string) => f === one).length,
    );
  };
  assert.deepEqual(
    [await told(maps), await told(quotas)],
    [
      [4, 2, 2],
      [3, 1, 1],
    ],
  );
});

test('an update tells what is wrong with a role as often as upstream does', async () => {
  const roles = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles';
  await api.send('POST', roles, { metadata: { name: 'wrong' }, rules: [] });
  const rules = [{ apiGroups: [''], resources: ['pods'], verbs: [] }];
  const { body } = await api.send('PATCH', `${roles}/wrong`, { rules }, merge);
  const fields = body.details.causes.map(({ field }: { field: string }) => field);
  assert.deepEqual(fields, ['rules[0].verbs', 'rules[0].verbs']);
});

test('a body over 3 MiB is 413', async () => {
  const { code } = await api.send('POST', maps, { ...configMap('big'), data: { a: 'x'.repeat(3 * 1024 * 1024) } });
  assert.equal(code, 413);
});

test('an object over 1.5 MiB is not stored, nor one that an update makes so large', async () => {
  const deployments = '/apis/apps/v1/namespaces/default/deployments';
  const deployment = (size: number) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'large' },
    spec: {
      selector: { matchLabels: { a: 'b' } },
      template: {
        metadata: { labels: { a: 'b' } },
        spec: { containers: [{ name: 'a', image: 'a', args: ['x'.repeat(size)] }] },
      },
    },
  });
  const { code, body } = await api.send('POST', deployments, deployment(1_600_000));
  assert.deepEqual([code, body.reason, body.message], [500, undefined, 'etcdserver: request is too large']);
  assert.equal((await api.send('GET', `${deployments}/large`)).code, 404);
  assert.equal((await api.send('POST', deployments, deployment(1_400_000))).code, 201);
  const again = await api.send('PUT', `${deployments}/large`, deployment(1_600_000));
  assert.deepEqual([again.code, again.body.message], [500, 'etcdserver: request is too large']);
  assert.equal((await api.send('GET', `${deployments}/large`)).body.metadata.generation, 1);
});

test('a body that is nested too deeply is 400, in every way to send it', async () => {
  await api.send('POST', maps, configMap('nesting'));
  const deep = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"nesting"},"x":${'['.repeat(5000)}${']'.repeat(5000)}}`;
  const apply = { 'content-type': 'application/apply-patch+yaml' };
  const answers = await Promise.all([
    api.send('POST', maps, deep),
    api.send('POST', maps, deep, { 'content-type': 'application/yaml' }),
    api.send('PUT', `${maps}/nesting`, deep),
    api.send('PATCH', `${maps}/nesting`, deep, merge),
    api.send('PATCH', `${maps}/nesting?fieldManager=a`, deep, apply),
    api.send('PATCH', `${maps}/nesting?fieldManager=a`, `\n--- ${deep}`, apply),
    api.send('DELETE', `${maps}/nesting`, deep),
  ]);
  for (const { code, body } of answers) assert.match(`${code} ${body.message}`, /^400 exceeded max depth/);
});

test('PUT replaces under optimistic concurrency', async () => {
  const { body } = await api.send('POST', maps, configMap('put'));
  const { resourceVersion } = body.metadata;
  const changed = { ...configMap('put', { resourceVersion }), data: { a: '1' } };
  assert.equal((await api.send('PUT', `${maps}/put`, changed)).code, 200);
  const stale = await api.send('PUT', `${maps}/put`, { ...changed, data: { a: '2' } });
  assert.equal(stale.code, 409);
  assert.equal(stale.body.reason, 'Conflict');
  assert.equal((await api.send('PUT', `${maps}/none`, configMap('none'))).code, 404);
  assert.equal((await api.send('PUT', `${maps}/put`, configMap('other'))).code, 400);
});

test('version 0 asks for none, and what is no number is an error only where one is compared', async () => {
  const versioned = (name: string, resourceVersion: string) => configMap(name, { resourceVersion });
  const created = async (version: string) => (await api.send('POST', maps, versioned(`v${version}`, version))).code;
  assert.deepEqual([await created('0'), await created('x'), await created('5')], [201, 201, 500]);
  const put = async (version: string) => (await api.send('PUT', `${maps}/v0`, versioned('v0', version))).code;
  assert.deepEqual([await put('0'), await put(''), await put('x'), await put('1')], [200, 200, 500, 409]);
});

test('a write that changes nothing keeps the version', async () => {
  const { body } = await api.send('POST', maps, { ...configMap('same'), data: { a: '1' } });
  const again = await api.send('PATCH', `${maps}/same`, { data: { a: '1' } }, merge);
  assert.equal(again.body.metadata.resourceVersion, body.metadata.resourceVersion);
});

test('patches that race all come about', async () => {
  await api.send('POST', maps, configMap('race'));
  const patches = Array.from({ length: 20 }, (_, index) =>
    api.send('PATCH', `${maps}/race`, { data: { [`k${index}`]: 'v' } }, merge),
  );
  assert.deepEqual(new Set((await Promise.all(patches)).map(({ code }) => code)), new Set([200]));
  const { body } = await api.send('GET', `${maps}/race`);
  assert.equal(Object.keys(body.data).length, 20);
});

test('dryRun=All answers as if, and stores nothing', async () => {
  const { code, body } = await api.send('POST', `${maps}?dryRun=All`, configMap('dry'));
  assert.equal(code, 201);
  assert.equal(body.metadata.resourceVersion, undefined);
  assert.equal((await api.send('GET', `${maps}/dry`)).code, 404);
  for (const other of ['dryRun=Some', 'dryRun=']) {
    assert.equal((await api.send('POST', `${maps}?${other}`, configMap('dry'))).code, 422, other);
    assert.equal((await api.send('DELETE', `${maps}/dry?${other}`)).code, 422, other);
  }
});

test('generateName makes a name, and neither name is 422', async () => {
  const { body } = await api.send('POST', maps, { metadata: { generateName: 'gen-' } });
  assert.match(body.metadata.name, /^gen-[a-z0-9]{5}$/);
  const nameless = await api.send('POST', maps, { metadata: {} });
  assert.equal(nameless.code, 422);
  assert.match(nameless.body.message, /^ConfigMap "" is invalid: metadata.name: Required value/);
});

test('finalizers keep an object until the last one goes', async () => {
  await api.send('POST', maps, configMap('held', { finalizers: ['example.com/a'] }));
  const { code, body } = await api.send('DELETE', `${maps}/held`);
  assert.equal(code, 200);
  assert.equal(body.metadata.deletionGracePeriodSeconds, 0);
  const added = { metadata: { finalizers: ['example.com/a', 'example.com/b'] } };
  assert.equal((await api.send('PATCH', `${maps}/held`, added, merge)).code, 422);
  assert.equal((await api.send('PATCH', `${maps}/held`, { metadata: { finalizers: null } }, merge)).code, 200);
  assert.equal((await api.send('GET', `${maps}/held`)).code, 404);
});

test('propagation policies become finalizers, and contradictions are 422', async () => {
  for (const [policy, finalizer] of [
    ['Orphan', 'orphan'],
    ['Foreground', 'foregroundDeletion'],
  ]) {
    await api.send('POST', maps, configMap(`p-${finalizer?.toLowerCase()}`));
    const { body } = await api.send('DELETE', `${maps}/p-${finalizer?.toLowerCase()}?propagationPolicy=${policy}`);
    assert.deepEqual(body.metadata.finalizers, [finalizer]);
  }
  const both = { propagationPolicy: 'Orphan', orphanDependents: true };
  assert.equal((await api.send('DELETE', `${maps}/p-orphan`, both)).code, 422);
  assert.equal((await api.send('DELETE', `${maps}/p-orphan?propagationPolicy=Sideways`)).code, 422);
});

test('preconditions that fail are 409 and delete nothing', async () => {
  await api.send('POST', maps, configMap('pre'));
  const uid = '00000000-0000-0000-0000-000000000000';
  const refused = await api.send('DELETE', `${maps}/pre`, { preconditions: { uid } });
  assert.equal(refused.code, 409);
  const gone = await api.send('DELETE', `${maps}/pre`);
  assert.equal(gone.body.status, 'Success');
  assert.equal(gone.body.details.kind, 'configmaps');
});

test('deletecollection deletes what is selected and answers with it', async () => {
  await api.send('POST', maps, configMap('dc1', { labels: { dc: '1' } }));
  await api.send('POST', maps, configMap('dc2', { labels: { dc: '2' } }));
  const { body } = await api.send('DELETE', `${maps}?labelSelector=dc%3D1`);
  assert.deepEqual(
    body.items.map((item: { metadata: { name: string } }) => item.metadata.name),
    ['dc1'],
  );
  assert.equal((await api.send('GET', `${maps}/dc2`)).code, 200);
});

test('a namespace that is not there is 404, and one that ends takes nothing new', async () => {
  const missing = await api.send('POST', '/api/v1/namespaces/none/configmaps', configMap('x'));
  assert.equal(missing.code, 404);
  assert.equal(missing.body.details.kind, 'namespaces');
  await api.send('POST', '/api/v1/namespaces', { metadata: { name: 'ending' } });
  const { body } = await api.send('DELETE', '/api/v1/namespaces/ending');
  assert.equal(body.status.phase, 'Terminating');
  const refused = await api.send('POST', '/api/v1/namespaces/ending/configmaps', configMap('x'));
  assert.equal(refused.code, 403);
  assert.equal(refused.body.details.causes[0].reason, 'NamespaceTerminating');
  await api.send('PUT', '/api/v1/namespaces/ending/finalize', {
    metadata: { name: 'ending' },
    spec: { finalizers: [] },
  });
  assert.equal((await api.send('GET', '/api/v1/namespaces/ending')).code, 404);
});

test('a status of what is gone is 404, also for kinds that a PUT creates', async () => {
  const missing = [
    ['apps/v1', 'Deployment', '/apis/apps/v1/namespaces/default/deployments/gone'],
    ['v1', 'Service', '/api/v1/namespaces/default/services/gone'],
  ] as const;
  for (const [apiVersion, kind, path] of missing) {
    const object = { apiVersion, kind, metadata: { name: 'gone', namespace: 'default' }, status: {} };
    assert.equal((await api.send('PUT', `${path}/status`, object)).code, 404, kind);
    assert.equal((await api.send('GET', path)).code, 404, kind);
  }
});
