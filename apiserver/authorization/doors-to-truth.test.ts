import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { after, before, test } from 'node:test';
import { TestServer } from '../testing.ts';

let cluster: TestServer;
before(async () => {
  cluster = await TestServer.start();
});
after(() => cluster[Symbol.asyncDispose]());

type Headers = Record<string, string>;

/** Asks through the TLS door as somebody. */
async function ask(line: string, { user, body, headers }: { user?: string; body?: object; headers?: Headers } = {}) {
  const [method = '', path = ''] = line.split(' ');
  const { certificates, url } = cluster.server;
  const json: Headers = body ? { 'content-type': 'application/json' } : {};
  const sent = request(`${url}${path}`, {
    method,
    ca: certificates.ca,
    agent: false,
    headers: { ...json, ...headers },
    ...(user && certificates.clients.get(user)),
  });
  sent.end(body && JSON.stringify(body));
  const [response]: IncomingMessage[] = await once(sent, 'response');
  const text = Buffer.concat((await response?.toArray()) ?? []).toString();
  return { code: response?.statusCode ?? 0, body: text.startsWith('{') ? JSON.parse(text) : text };
}

const admin = 'kubernetes-admin';
const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'web' } };

test('each identity gets through the door what its roles allow', async () => {
  assert.equal((await ask('GET /healthz')).code, 200);
  assert.deepEqual(
    (await ask('GET /api/v1/pods')).body.message,
    'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" at the cluster scope',
  );
  assert.equal((await ask('GET /api/v1/pods', { user: admin })).code, 200);
  assert.equal((await ask('GET /api/v1/pods', { user: 'system:kube-scheduler' })).code, 200);
  assert.equal((await ask('GET /api/v1/secrets', { user: 'system:kube-scheduler' })).code, 403);
  assert.equal((await ask('GET /api/v1/secrets', { user: 'system:kube-controller-manager' })).code, 200);
});

test('a token of a service account opens the door until the account is deleted', async () => {
  const accounts = '/api/v1/namespaces/default/serviceaccounts';
  assert.equal((await ask(`POST ${accounts}`, { user: admin, body: account })).code, 201);
  const asked = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 600 } };
  const { body } = await ask(`POST ${accounts}/web/token`, { user: admin, body: asked });
  const headers = { authorization: `Bearer ${body.status.token}` };
  assert.match(
    (await ask('GET /api/v1/pods', { headers })).body.message,
    /User "system:serviceaccount:default:web" cannot list/,
  );
  assert.equal((await ask('GET /apis', { headers })).code, 200);
  await ask(`DELETE ${accounts}/web`, { user: admin });
  assert.equal((await ask('GET /apis', { headers })).code, 401);
});

test('acting as somebody else takes the right to', async () => {
  const headers = { 'impersonate-user': 'jane' };
  assert.match((await ask('GET /api/v1/pods', { user: admin, headers })).body.message, /User "jane" cannot list/);
  assert.match((await ask('GET /api/v1/pods', { headers })).body.message, /cannot impersonate resource "users"/);
});

test('nobody writes a role with more rights than their own', async () => {
  const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
  const bind = (role: string, name: string) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'jane' }],
  });
  assert.equal((await ask(`POST ${rbac}/rolebindings`, { user: admin, body: bind('admin', 'jane') })).code, 201);
  const headers = { 'impersonate-user': 'jane' };
  const asJane = (body: object) => ask(`POST ${rbac}/rolebindings`, { user: admin, headers, body });
  assert.equal((await asJane(bind('edit', 'less'))).code, 201);
  assert.match(
    (await asJane(bind('cluster-admin', 'more'))).body.message,
    /attempting to grant RBAC permissions not currently held/,
  );
});
