import { invalidValue, required } from '@skiff/api/causes';
import { validateLabelSelector } from '@skiff/api/selectors/label-selector-rules';
import type { StatusCause } from '@skiff/api/status';
import type { ClusterRole, Role } from '@skiff/api/types';
import { defineStrategy } from './define-strategy.ts';

type PolicyRule = NonNullable<Role['rules']>[number];

function validateRule(rule: PolicyRule, field: string, namespaced: boolean): StatusCause[] {
  const { verbs, apiGroups = [], resources = [], nonResourceURLs = [] } = rule;
  const causes: StatusCause[] = [];
  // Null stands for none.
  if (!verbs?.length) causes.push(required(`${field}.verbs`, 'verbs must contain at least one value'));
  if (nonResourceURLs.length) {
    if (namespaced) {
      const why = 'namespaced rules cannot apply to non-resource URLs';
      causes.push(invalidValue(`${field}.nonResourceURLs`, nonResourceURLs, why));
    }
    if (apiGroups.length || resources.length || rule.resourceNames?.length) {
      const why = 'rules cannot apply to both regular resources and non-resource URLs';
      causes.push(invalidValue(`${field}.nonResourceURLs`, nonResourceURLs, why));
    }
    return causes;
  }
  if (!apiGroups.length)
    causes.push(required(`${field}.apiGroups`, 'resource rules must supply at least one api group'));
  if (!resources.length)
    causes.push(required(`${field}.resources`, 'resource rules must supply at least one resource'));
  return causes;
}

const validateRules = (rules: readonly PolicyRule[] | undefined | null, namespaced: boolean): StatusCause[] =>
  (rules ?? []).flatMap((rule, index) => validateRule(rule, `rules[${index}]`, namespaced));

const validateRole = ({ rules }: Role): StatusCause[] => validateRules(rules, true);

function validateClusterRole({ rules, aggregationRule }: ClusterRole): StatusCause[] {
  const causes = validateRules(rules, false);
  if (!aggregationRule) return causes;
  const field = 'aggregationRule.clusterRoleSelectors';
  const selectors = aggregationRule.clusterRoleSelectors ?? [];
  if (!selectors.length)
    causes.push(required(field, 'at least one clusterRoleSelector required if aggregationRule is non-nil'));
  for (const [index, selector] of selectors.entries()) {
    causes.push(...validateLabelSelector(selector, `${field}[${index}]`));
  }
  return causes;
}

/** Upstream: pkg/registry/rbac and pkg/apis/rbac/validation. An update has all rules twice. */
export const roleStrategy = defineStrategy<Role>({ validate: validateRole, validateUpdate: validateRole });

export const clusterRoleStrategy = defineStrategy<ClusterRole>({
  validate: validateClusterRole,
  validateUpdate: validateClusterRole,
});
