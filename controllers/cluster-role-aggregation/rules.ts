import { jsonEqual } from '@skiff/api/json-value';
import { LabelSelector } from '@skiff/api/selectors/label-selector';
import type { ClusterRole } from '@skiff/api/types';

type Rules = NonNullable<ClusterRole['rules']>;

/** The rules of all other roles that a role selects, selector by selector and by name, each rule once. */
export function aggregatedRules(role: ClusterRole, roles: readonly ClusterRole[]): Rules {
  const rules: Rules = [];
  const others = roles.filter(({ metadata }) => metadata.name !== role.metadata.name);
  others.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  for (const given of role.aggregationRule?.clusterRoleSelectors ?? []) {
    const selector = LabelSelector.from(given);
    for (const other of others.filter(({ metadata }) => selector.matches(metadata.labels ?? {}))) {
      for (const rule of other.rules ?? []) if (!rules.some((known) => jsonEqual(known, rule))) rules.push(rule);
    }
  }
  return rules;
}
