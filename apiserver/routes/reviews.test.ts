import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { TestServer } from '../testing.ts';

const server = await TestServer.start();
after(() => server[Symbol.asyncDispose]());

const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
const authorization = '/apis/authorization.k8s.io/v1';
const pods = { namespace: 'default', verb: 'list', resource: 'pods' };
const asJane = { 'impersonate-user': 'jane' };

await server.send('POST', `${rbac}/rolebindings`, {
  metadata: { name: 'jane' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
  subjects: [{ kind: 'User', name: 'jane' }],
});

test('a review tells what another one may, by name or by group, and why', async () => {
  const ask = async (spec: object) =>
    (await server.send('POST', `${authorization}/subjectaccessreviews`, { spec })).body.status;
  const granted = await ask({ user: 'jane', resourceAttributes: pods });
  assert.equal(granted.allowed, true);
  assert.equal(granted.reason, 'RBAC: allowed by RoleBinding "jane/default" of ClusterRole "view" to User "jane"');
  assert.deepEqual(await ask({ user: 'jane', resourceAttributes: { ...pods, namespace: 'other' } }), {
    allowed: false,
  });
  assert.deepEqual(await ask({ user: 'joe', resourceAttributes: pods }), { allowed: false });
  assert.equal((await ask({ groups: ['system:masters'], resourceAttributes: pods })).allowed, true);
  const path = { path: '/version', verb: 'get' };
  assert.equal((await ask({ groups: ['system:unauthenticated'], nonResourceAttributes: path })).allowed, true);
});

test('everyone may ask about themselves', async () => {
  const may = await server.send(
    'POST',
    `${authorization}/selfsubjectaccessreviews`,
    { spec: { resourceAttributes: pods } },
    asJane,
  );
  assert.equal(may.body.status.allowed, true);
  const rules = await server.send(
    'POST',
    `${authorization}/selfsubjectrulesreviews`,
    { spec: { namespace: 'default' } },
    asJane,
  );
  const { resourceRules, nonResourceRules, incomplete } = rules.body.status;
  assert.equal(incomplete, false);
  assert.ok(resourceRules.some((rule: { resources: string[] }) => rule.resources.includes('pods/log')));
  assert.ok(
    nonResourceRules.some((rule: { nonResourceURLs: string[] }) => rule.nonResourceURLs.includes('/openapi/*')),
  );
  const who = await server.send('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {}, asJane);
  assert.deepEqual(who.body.status.userInfo, { username: 'jane', groups: ['system:authenticated'] });
});

test('a local review asks in its own namespace', async () => {
  const path = `${authorization}/namespaces/default/localsubjectaccessreviews`;
  const spec = { user: 'jane', resourceAttributes: pods };
  const metadata = { namespace: 'default' };
  for (const body of [{ metadata, spec }, { spec }]) {
    const answer = await server.send('POST', path, body);
    assert.deepEqual([answer.body.status.allowed, answer.body.metadata], [true, metadata]);
  }
  assert.equal((await server.send('POST', path, { metadata: { namespace: 'other' }, spec })).code, 400);
});

const withSelector = (kind: 'fieldSelector' | 'labelSelector', selector: object) => ({
  review: 'selfsubjectaccessreviews',
  body: { spec: { resourceAttributes: { ...pods, [kind]: selector } } },
});

const malformed: Record<string, { review: string; body: object; fields: string[] }> = {
  'without a question': {
    review: 'subjectaccessreviews',
    body: { spec: { user: 'jane' } },
    fields: ['spec.resourceAttributes'],
  },
  'with both questions': {
    review: 'selfsubjectaccessreviews',
    body: { spec: { resourceAttributes: pods, nonResourceAttributes: { path: '/' } } },
    fields: ['spec.nonResourceAttributes'],
  },
  'about nobody': {
    review: 'subjectaccessreviews',
    body: { spec: { resourceAttributes: pods } },
    fields: ['spec.user'],
  },
  'with a name': {
    review: 'subjectaccessreviews',
    body: { metadata: { name: 'x' }, spec: { user: 'jane', resourceAttributes: pods } },
    fields: ['metadata'],
  },
  'about a path in a namespace': {
    review: 'namespaces/default/localsubjectaccessreviews',
    body: { spec: { user: 'jane', nonResourceAttributes: { path: '/' } } },
    fields: ['spec.nonResourceAttributes'],
  },
  'about another namespace': {
    review: 'namespaces/default/localsubjectaccessreviews',
    body: { spec: { user: 'jane', resourceAttributes: { ...pods, namespace: 'other' } } },
    fields: ['spec.resourceAttributes.namespace'],
  },
  'with a selector of nothing': {
    ...withSelector('fieldSelector', {}),
    fields: ['spec.resourceAttributes.fieldSelector.requirements'],
  },
  'with a selector twice': {
    ...withSelector('labelSelector', { rawSelector: 'a', requirements: [{ key: 'a', operator: 'Exists' }] }),
    fields: ['spec.resourceAttributes.labelSelector.rawSelector'],
  },
  'with senseless requirements': {
    ...withSelector('labelSelector', {
      requirements: [
        { key: 'a', operator: 'In' },
        { key: 'a', operator: 'Exists', values: ['b'] },
        { key: 'a', operator: 'FromTheFuture' },
        { key: '', operator: 'Exists' },
      ],
    }),
    fields: [
      'spec.resourceAttributes.labelSelector.requirements[0].values',
      'spec.resourceAttributes.labelSelector.requirements[1].values',
      'spec.resourceAttributes.labelSelector.requirements[3].key',
    ],
  },
};
for (const [what, { review, body, fields }] of Object.entries(malformed)) {
  test(`a review ${what} is refused with 422`, async () => {
    const refused = await server.send('POST', `${authorization}/${review}`, body);
    assert.equal(refused.code, 422);
    assert.deepEqual(
      refused.body.details.causes.map(({ field }: { field: string }) => field),
      fields,
    );
  });
}

test('a token review without a token is refused with 400', async () => {
  assert.equal((await server.send('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { spec: {} })).code, 400);
});

test('a PUT or an apply that creates needs the right to create', async () => {
  const role = {
    metadata: { name: 'updater' },
    rules: [{ apiGroups: [''], resources: ['services'], verbs: ['update', 'patch'] }],
  };
  await server.send('POST', `${rbac}/roles`, role);
  await server.send('POST', `${rbac}/rolebindings`, {
    metadata: { name: 'updater' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'updater' },
    subjects: [{ kind: 'User', name: 'jane' }],
  });
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } };
  const path = '/api/v1/namespaces/default/services/s';
  const yaml = { ...asJane, 'content-type': 'application/apply-patch+yaml' };
  for (const refused of [
    await server.send('PUT', path, service, asJane),
    await server.send('PATCH', `${path}?fieldManager=a`, service, yaml),
  ]) {
    assert.equal(refused.code, 403);
    assert.match(refused.body.message, /User "jane" cannot create resource "services"/);
  }
  assert.equal((await server.send('PUT', path, service)).code, 201);
  assert.equal((await server.send('PATCH', `${path}?fieldManager=a`, service, yaml)).code, 200);
});
