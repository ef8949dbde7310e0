import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterRole } from '@skiff/api/types';
import { aggregatedRules } from './rules.ts';

const rule = (resource: string) => ({ apiGroups: [''], resources: [resource], verbs: ['get'] });
const role = (name: string, labels: Record<string, string>, ...resources: string[]): ClusterRole => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name, labels },
  rules: resources.map(rule),
});

test('a role puts together the rules of those that its selectors select, by name, each once and without its own', () => {
  const whole: ClusterRole = {
    ...role('whole', { part: 'a' }, 'own'),
    aggregationRule: {
      clusterRoleSelectors: [
        { matchLabels: { part: 'b' } },
        { matchExpressions: [{ key: 'part', operator: 'In', values: ['a'] }] },
      ],
    },
  };
  const roles = [
    whole,
    role('z', { part: 'a' }, 'pods', 'nodes'),
    role('y', { part: 'a' }, 'secrets', 'pods'),
    role('x', { part: 'b' }, 'services'),
    role('w', {}, 'events'),
  ];
  assert.deepEqual(aggregatedRules(whole, roles), ['services', 'secrets', 'pods', 'nodes'].map(rule));
});

test('a role without selectors has no rules', () => {
  assert.deepEqual(aggregatedRules({ ...role('whole', {}), aggregationRule: {} }, [role('x', {}, 'pods')]), []);
});
