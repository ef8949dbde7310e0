import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ClusterRole } from '@skiff/api/types';
import { eventually } from '@skiff/client/testing/eventually';
import { ClusterRoleAggregationController } from '@skiff/controllers/cluster-role-aggregation/controller';
import { aggregatedRules } from '@skiff/controllers/cluster-role-aggregation/rules';
import { ControlPlane } from './control-plane.ts';

const label = 'rbac.authorization.k8s.io/aggregate-to-view';
const rule = { apiGroups: ['example.com'], resources: ['widgets'], verbs: ['get', 'list', 'watch'] };

describe('the aggregation of cluster roles', () => {
  it('makes a role part of view, and so of edit and admin, and takes it out again', async () => {
    await using plane = await ControlPlane.start(ClusterRoleAggregationController);
    const roles = plane.client.resource('ClusterRole');
    const has = async (name: string): Promise<boolean> =>
      ((await roles.get({ name })).rules ?? []).some(({ apiGroups }) => apiGroups?.includes('example.com'));
    const everywhere = async (expected: boolean): Promise<void> => {
      for (const name of ['view', 'edit', 'admin']) assert.equal(await has(name), expected, name);
    };

    await roles.create({ metadata: { name: 'widgets', labels: { [label]: 'true' } }, rules: [rule] });
    await eventually(() => everywhere(true));
    await roles.patch({ name: 'widgets' }, { metadata: { labels: { [label]: null } } });
    await eventually(() => everywhere(false));
  });

  it('finds the roles that a cluster is born with as they should be', async () => {
    await using plane = await ControlPlane.start();
    const { items } = await plane.client.resource('ClusterRole').list();
    const aggregated = items.filter((role: ClusterRole) => role.aggregationRule);
    assert.deepEqual(aggregated.map(({ metadata }) => metadata.name).sort(), ['admin', 'edit', 'view']);
    for (const role of aggregated) assert.deepEqual(role.rules, aggregatedRules(role, items), role.metadata.name);
  });
});
