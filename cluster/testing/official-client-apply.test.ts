/** The official JavaScript client, @kubernetes/client-node, applies and patches objects of the test backend. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ApiException,
  AuthorizationV1Api,
  KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  PatchStrategy,
  type V1ConfigMap,
  type V1Deployment,
} from '@kubernetes/client-node';
import { startCluster, type TestCluster } from '../testing.ts';
import { deploymentOf } from './sample-objects.ts';

function officialClient(cluster: TestCluster): { config: KubeConfig; objects: KubernetesObjectApi } {
  const config = new KubeConfig();
  config.loadFromString(cluster.kubeconfig);
  return { config, objects: KubernetesObjectApi.makeApiClient(config) };
}

const identity = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'default' } };
const settings = (data: Record<string, string>) => ({ ...identity, data });

const managersOf = ({ metadata }: KubernetesObject) =>
  (metadata?.managedFields ?? []).map(({ manager, operation, subresource = '' }) => [manager, operation, subresource]);

test('server-side apply creates, shares, conflicts, takes over and gives up fields', async () => {
  await using cluster = await startCluster({ nodes: 0, controllers: false });
  const { objects } = officialClient(cluster);
  type Options = { force?: boolean; dryRun?: boolean };
  const apply = (
    data: Record<string, string>,
    manager: string,
    { force, dryRun }: Options = {},
  ): Promise<V1ConfigMap> =>
    objects.patch(settings(data), undefined, dryRun ? 'All' : undefined, manager, force, PatchStrategy.ServerSideApply);

  const created = await apply({ color: 'red', size: 'small' }, 'first');
  assert.deepEqual(managersOf(created), [['first', 'Apply', '']]);
  assert.deepEqual(created.metadata?.managedFields?.[0]?.fieldsV1, { 'f:data': { 'f:color': {}, 'f:size': {} } });
  const again = await apply({ color: 'red', size: 'small' }, 'first');
  assert.equal(again.metadata?.resourceVersion, created.metadata?.resourceVersion, 'applying the same is no write');

  await assert.rejects(apply({ color: 'blue' }, 'second'), (error) => {
    assert.ok(error instanceof ApiException);
    assert.equal(error.code, 409);
    assert.match(String(error.body), /conflict with \\"first\\": \.data\.color/);
    return true;
  });
  const tried = await apply({ color: 'blue' }, 'second', { force: true, dryRun: true });
  assert.deepEqual(tried.data, { color: 'blue', size: 'small' });
  assert.deepEqual(
    (await objects.read<V1ConfigMap>(identity)).data,
    { color: 'red', size: 'small' },
    'a dry run stores nothing',
  );

  const taken = await apply({ color: 'blue' }, 'second', { force: true });
  assert.deepEqual(taken.data, { color: 'blue', size: 'small' });
  assert.deepEqual(managersOf(taken).sort(), [
    ['first', 'Apply', ''],
    ['second', 'Apply', ''],
  ]);
  assert.deepEqual((await apply({}, 'first')).data, { color: 'blue' }, 'what nobody else owns goes');
});

test('each strategy of patch works and is put down under the name of its manager', async () => {
  await using cluster = await startCluster({ nodes: 0, controllers: false });
  const { objects } = officialClient(cluster);
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'default' } };
  const { spec } = deploymentOf('web', 2);
  await objects.create({ ...deployment, spec }, undefined, undefined, 'author');
  const patch = (change: object, manager: string, strategy: PatchStrategy): Promise<V1Deployment> =>
    objects.patch({ ...deployment, ...change }, undefined, undefined, manager, undefined, strategy);

  const sidecar = { template: { spec: { containers: [{ name: 'sidecar', image: 'registry.example/sidecar:1' }] } } };
  const merged = await patch({ spec: sidecar }, 'strategic', PatchStrategy.StrategicMergePatch);
  assert.equal(merged.spec?.template.spec?.containers.length, 2, 'containers merge by their names');
  const scaled = await patch({ spec: { replicas: 5 } }, 'merge', PatchStrategy.MergePatch);
  assert.equal(scaled.spec?.replicas, 5);
  assert.deepEqual(managersOf(scaled).sort(), [
    ['author', 'Update', ''],
    ['merge', 'Update', ''],
    ['strategic', 'Update', ''],
  ]);
  const owned = scaled.metadata?.managedFields?.find(({ manager }) => manager === 'merge');
  assert.deepEqual(owned?.fieldsV1, { 'f:spec': { 'f:replicas': {} } });
});

test('who may do what can be asked', async () => {
  await using cluster = await startCluster({ nodes: 0, controllers: false });
  const { config } = officialClient(cluster);
  const reviews = config.makeApiClient(AuthorizationV1Api);
  const allowed = async (user: string, groups: string[]): Promise<boolean | undefined> => {
    const spec = { user, groups, resourceAttributes: { namespace: 'default', verb: 'list', resource: 'secrets' } };
    return (await reviews.createSubjectAccessReview({ body: { spec } })).status?.allowed;
  };
  assert.equal(await allowed('admin', ['system:masters']), true);
  assert.equal(await allowed('somebody', ['system:authenticated']), false);
});
