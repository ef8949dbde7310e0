import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiVersionOf, kindNamed } from '@skiff/api/kinds';
import type { KubeObject } from '@skiff/api/meta';
import type { User } from '../registry/strategy.ts';
import { requestInfo } from '../request-info.ts';
import { openStore } from '../storage/sqlite-store.ts';
import { Caches, keyAt } from '../watch/caches.ts';
import { clusterAuthorizer } from './authorizer.ts';
import { ensureBootstrapRoles } from './bootstrap/ensure.ts';
import { refuseEscalation } from './escalation.ts';
import { attributesOf, denied } from './request-attributes.ts';

type Fields = Record<string, unknown>;

/** A cluster with the bootstrap roles. */
async function setUp() {
  const store = openStore({ path: ':memory:' });
  const caches = new Caches({ store });
  caches.start();
  const authorizer = clusterAuthorizer(caches);
  const lookup = (kind: string, namespace: string | undefined, name: string) =>
    caches.of(kindNamed(kind)).get(namespace, name)?.object;
  const put = async (object: KubeObject): Promise<void> => {
    const kind = kindNamed(object.kind);
    const { revision } = await store.create(keyAt(kind, object.metadata), JSON.stringify(object));
    await caches.reached(revision);
  };
  const replace = async (object: KubeObject): Promise<void> => {
    const kind = kindNamed(object.kind);
    const there = caches.of(kind).get(object.metadata.namespace, object.metadata.name);
    const { revision } = await store.update(keyAt(kind, object.metadata), there?.revision ?? 0, JSON.stringify(object));
    await caches.reached(revision);
  };
  const writer = {
    get: (kind: string, name: string) => lookup(kind, undefined, name),
    // Typed objects are KubeObjects without an index signature.
    create: (object: unknown) => put(object as KubeObject),
    update: (object: unknown) => replace(object as KubeObject),
  };
  await ensureBootstrapRoles(writer);
  const add = (kind: string, key: { namespace?: string; name: string }, fields: Fields = {}) =>
    put({ apiVersion: apiVersionOf(kindNamed(kind)), kind, metadata: key, ...fields });
  /** Asks as `GET /api/v1/pods`; true, or the refusal. */
  const may = (user: User, line: string): true | string => {
    const [method = '', url = ''] = line.split(' ');
    const { pathname, searchParams } = new URL(url, 'http://skiff');
    const attributes = attributesOf(user, requestInfo(method, pathname, searchParams), searchParams);
    const decision = authorizer.authorize(attributes);
    return decision.allowed || denied(attributes, decision).message;
  };
  const close = async (): Promise<void> => {
    await caches.close();
    await store.close();
  };
  return { store, caches, authorizer, lookup, writer, add, may, replace, [Symbol.asyncDispose]: close };
}

const user = (name: string, ...groups: string[]): User => ({ name, groups: [...groups, 'system:authenticated'] });
const admin = user('root', 'system:masters');
const jane = user('jane', 'dev');
const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
const bind = (role: string, ...subjects: Fields[]): Fields => ({
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: role.split('/')[0], name: role.split('/')[1] },
  subjects,
});

/** Asserts what a user may (true) and may not do. */
function table(may: (user: User, line: string) => true | string, who: User, expected: Record<string, boolean>): void {
  const actual = Object.fromEntries(Object.keys(expected).map((line) => [line, may(who, line) === true]));
  assert.deepEqual(actual, expected);
}

test('without a role a user may look around, and nobody may see that the server lives', async () => {
  await using cluster = await setUp();
  const looking = {
    'GET /healthz': true,
    'GET /version': true,
    'POST /healthz': false,
    'GET /api/v1/pods': false,
    'GET /metrics': false,
  };
  table(cluster.may, anonymous, { ...looking, 'GET /apis/apps/v1': false });
  table(cluster.may, jane, {
    ...looking,
    'GET /apis/apps/v1': true,
    'GET /openapi/v3/apis/apps/v1': true,
    'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews': true,
  });
  table(cluster.may, admin, { 'DELETE /api/v1/nodes/node1': true, 'GET /metrics': true });
});

test('a refusal has the words of kube-apiserver', async () => {
  await using cluster = await setUp();
  const say = (line: string) => cluster.may(jane, line);
  assert.deepEqual(
    [
      say('GET /api/v1/namespaces/default/pods/web'),
      say('GET /apis/apps/v1/deployments'),
      say('POST /api/v1/namespaces/default/pods/web/exec'),
      say('GET /metrics'),
    ],
    [
      'pods "web" is forbidden: User "jane" cannot get resource "pods" in API group "" in the namespace "default"',
      'deployments.apps is forbidden: User "jane" cannot list resource "deployments" in API group "apps" at the cluster scope',
      'pods "web" is forbidden: User "jane" cannot create resource "pods/exec" in API group "" in the namespace "default"',
      'forbidden: User "jane" cannot get path "/metrics"',
    ],
  );
});

test('a role binding gives a role in its namespace only, to users, groups and service accounts', async () => {
  await using cluster = await setUp();
  await cluster.add(
    'Role',
    { namespace: 'a', name: 'r' },
    {
      rules: [
        { apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get', 'list'] },
        { apiGroups: [''], resources: ['configmaps'], resourceNames: ['one'], verbs: ['get', 'watch'] },
      ],
    },
  );
  const web = { kind: 'ServiceAccount', name: 'web', namespace: 'b' };
  await cluster.add('RoleBinding', { namespace: 'a', name: 'to' }, bind('Role/r', { kind: 'Group', name: 'dev' }, web));
  const expected = {
    'GET /api/v1/namespaces/a/pods': true,
    'GET /api/v1/namespaces/a/pods/x': true,
    'GET /api/v1/namespaces/a/pods/x/log': true,
    'GET /api/v1/namespaces/a/pods/x/status': false,
    'DELETE /api/v1/namespaces/a/pods/x': false,
    'GET /api/v1/namespaces/b/pods': false,
    'GET /api/v1/pods': false,
    'GET /apis/metrics.k8s.io/v1/namespaces/a/pods': false,
    'GET /api/v1/namespaces/a/configmaps/one': true,
    'GET /api/v1/namespaces/a/configmaps/two': false,
    'GET /api/v1/namespaces/a/configmaps?watch=1&fieldSelector=metadata.name%3Done': true,
    'GET /api/v1/namespaces/a/configmaps?watch=1': false,
  };
  table(cluster.may, jane, expected);
  table(cluster.may, user('system:serviceaccount:b:web'), expected);
  table(cluster.may, user('web'), { 'GET /api/v1/namespaces/a/pods': false });
});

test('a change of a role or binding counts from the next request on', async () => {
  await using cluster = await setUp();
  const line = 'GET /api/v1/namespaces/a/pods';
  await cluster.add('ClusterRoleBinding', { name: 'b' }, bind('ClusterRole/r', { kind: 'User', name: 'jane' }));
  assert.match(String(cluster.may(jane, line)), /: RBAC: clusterrole.rbac.authorization.k8s.io "r" not found$/);
  const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }];
  await cluster.add('ClusterRole', { name: 'r' }, { rules });
  assert.equal(cluster.may(jane, line), true);
  const { revision } = await cluster.store.delete(
    'rbac.authorization.k8s.io/clusterrolebindings//b',
    cluster.caches.of(kindNamed('ClusterRoleBinding')).get('', 'b')?.revision ?? 0,
    '{"metadata":{}}',
  );
  await cluster.caches.reached(revision);
  assert.notEqual(cluster.may(jane, line), true);
});

test('exec is a write, also when a WebSocket begins it as GET', async () => {
  await using cluster = await setUp();
  await cluster.add('ClusterRoleBinding', { name: 'view' }, bind('ClusterRole/view', { kind: 'User', name: 'jane' }));
  await cluster.add('ClusterRoleBinding', { name: 'edit' }, bind('ClusterRole/edit', { kind: 'User', name: 'joe' }));
  const lines = ['GET /api/v1/namespaces/a/pods/x/exec', 'POST /api/v1/namespaces/a/pods/x/portforward'];
  for (const line of lines) {
    assert.notEqual(cluster.may(jane, line), true);
    assert.equal(cluster.may(user('joe'), line), true);
  }
  table(cluster.may, jane, {
    'GET /api/v1/namespaces/a/pods/x/log': true,
    'GET /api/v1/namespaces/a/secrets': false,
    'DELETE /api/v1/namespaces/a/pods/x': false,
  });
});

test('a node sees the cluster, writes what is its own, and reads what its Pods refer to', async () => {
  await using cluster = await setUp();
  const pod = (nodeName: string, secret: string) => ({
    spec: {
      nodeName,
      serviceAccountName: `account-of-${nodeName}`,
      containers: [{ name: 'c', env: [{ name: 'E', valueFrom: { configMapKeyRef: { name: 'settings', key: 'k' } } }] }],
      volumes: [{ name: 'v', secret: { secretName: secret } }],
    },
  });
  await cluster.add('Pod', { namespace: 'a', name: 'mine' }, pod('node1', 'mine'));
  await cluster.add('Pod', { namespace: 'a', name: 'other' }, pod('node2', 'other'));
  const node1 = user('system:node:node1', 'system:nodes');
  table(cluster.may, node1, {
    'GET /api/v1/services': true,
    'GET /apis/discovery.k8s.io/v1/endpointslices?watch=1': true,
    'GET /api/v1/pods?fieldSelector=spec.nodeName%3Dnode1': true,
    'POST /api/v1/nodes': true,
    'PATCH /api/v1/nodes/node1/status': true,
    'PATCH /api/v1/nodes/node2/status': false,
    'DELETE /api/v1/nodes/node1': false,
    'PUT /apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/node1': true,
    'PUT /apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/node2': false,
    'PUT /apis/coordination.k8s.io/v1/namespaces/a/leases/node1': false,
    'PATCH /api/v1/namespaces/a/pods/mine/status': true,
    'PATCH /api/v1/namespaces/a/pods/other/status': false,
    'PATCH /api/v1/namespaces/a/pods/mine': false,
    'DELETE /api/v1/namespaces/a/pods/mine': true,
    'DELETE /api/v1/namespaces/a/pods/other': false,
    'DELETE /api/v1/namespaces/a/pods': false,
    'GET /api/v1/namespaces/a/secrets/mine': true,
    'GET /api/v1/namespaces/a/secrets/other': false,
    'GET /api/v1/namespaces/b/secrets/mine': false,
    'GET /api/v1/namespaces/a/secrets': false,
    'GET /api/v1/namespaces/a/configmaps/settings': true,
    'GET /api/v1/namespaces/a/configmaps/kube-root-ca.crt': true,
    'PUT /api/v1/namespaces/a/configmaps/settings': false,
    'POST /api/v1/namespaces/a/serviceaccounts/account-of-node1/token': true,
    'POST /api/v1/namespaces/a/serviceaccounts/account-of-node2/token': false,
    'POST /api/v1/namespaces/a/events': true,
    'POST /api/v1/namespaces/a/pods/mine/exec': false,
  });
  table(cluster.may, user('system:node:node1'), { 'GET /api/v1/services': false });
  const { revision } = await cluster.store.delete(
    'core/pods/a/mine',
    cluster.caches.of(kindNamed('Pod')).get('a', 'mine')?.revision ?? 0,
    JSON.stringify({ metadata: {}, ...pod('node1', 'mine') }),
  );
  await cluster.caches.reached(revision);
  table(cluster.may, node1, { 'GET /api/v1/namespaces/a/secrets/mine': false });
});

test('the controllers may do their work', async () => {
  await using cluster = await setUp();
  table(cluster.may, user('system:kube-controller-manager'), {
    'POST /api/v1/namespaces/a/pods': true,
    'POST /api/v1/namespaces/a/pods/x/binding': true,
    'PATCH /apis/apps/v1/namespaces/a/deployments/x/status': true,
    'DELETE /api/v1/namespaces/a/secrets': true,
    'PUT /api/v1/namespaces/a/finalize': true,
    'POST /apis/rbac.authorization.k8s.io/v1/clusterrolebindings': false,
    'POST /api/v1/namespaces/a/pods/x/exec': false,
  });
  table(cluster.may, user('system:serviceaccount:kube-system:coredns'), {
    'GET /apis/discovery.k8s.io/v1/endpointslices?watch=1': true,
    'GET /api/v1/secrets': false,
  });
});

test('a bootstrap role gets back what it lost, keeps what was added, and is left alone when it says so', async () => {
  await using cluster = await setUp();
  const added = { apiGroups: ['x'], resources: ['y'], verbs: ['get'] };
  const change = async (name: string, fields: Fields): Promise<void> => {
    const role = structuredClone(cluster.lookup('ClusterRole', undefined, name));
    assert.ok(role);
    await cluster.replace({ ...role, ...fields });
  };
  await change('system:coredns', { rules: [added] });
  const leftAlone = { name: 'view', annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'false' } };
  await change('view', { rules: [], metadata: leftAlone });
  await ensureBootstrapRoles(cluster.writer);
  const { revision } = cluster.store;
  const rules = cluster.lookup('ClusterRole', undefined, 'system:coredns')?.['rules'];
  assert.ok(Array.isArray(rules) && rules.length === 3);
  assert.deepEqual(cluster.lookup('ClusterRole', undefined, 'view')?.['rules'], []);
  await ensureBootstrapRoles(cluster.writer);
  assert.equal(cluster.store.revision, revision, 'a start that finds all in order writes nothing');
});

test('nobody hands out more than they have', async () => {
  await using cluster = await setUp();
  await cluster.add(
    'RoleBinding',
    { namespace: 'a', name: 'jane' },
    bind('ClusterRole/admin', { kind: 'User', name: 'jane' }),
  );
  const write =
    (who: User, kind: string, fields: Fields, namespace: string | undefined = 'a') =>
    () =>
      refuseEscalation(
        who,
        { apiVersion: 'v1', kind, metadata: { name: 'x', ...(namespace && { namespace }) }, ...fields },
        cluster,
      );
  const rule = (resource: string, verb: string) => ({
    rules: [{ apiGroups: [''], resources: [resource], verbs: [verb] }],
  });
  write(jane, 'Role', rule('pods', 'get'))();
  write(jane, 'RoleBinding', bind('ClusterRole/edit', { kind: 'User', name: 'joe' }))();
  write(admin, 'ClusterRoleBinding', bind('ClusterRole/cluster-admin', { kind: 'User', name: 'joe' }), '')();
  assert.throws(write(jane, 'Role', rule('nodes', 'get')), {
    code: 403,
    message:
      'roles.rbac.authorization.k8s.io "x" is forbidden: user "jane" (groups=["dev","system:authenticated"]) is attempting to grant ' +
      'RBAC permissions not currently held:\n{APIGroups:[""], Resources:["nodes"], Verbs:["get"]}',
  });
  assert.throws(write(jane, 'Role', rule('*', 'get')), { code: 403 });
  assert.throws(write(jane, 'Role', rule('pods', 'get'), 'b'), { code: 403 });
  assert.throws(write(jane, 'RoleBinding', bind('ClusterRole/cluster-admin', { kind: 'User', name: 'jane' })), {
    code: 403,
  });
  const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { any: 'true' } }] };
  write(admin, 'ClusterRole', { rules: [], aggregationRule }, '')();
  assert.throws(write(jane, 'ClusterRole', { rules: [], aggregationRule }, ''), {
    code: 403,
    message: /must have cluster-admin privileges to use the aggregationRule$/,
  });
  assert.throws(
    write(jane, 'RoleBinding', bind('ClusterRole/none', { kind: 'User', name: 'jane' })),
    /"none" not found/,
  );
});
