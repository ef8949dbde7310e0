import type { ClusterRole } from '@skiff/api/types';
import type { Attributes, ResourceAttributes } from './attributes.ts';

/** PolicyRule of rbac.authorization.k8s.io/v1. */
export type PolicyRule = NonNullable<ClusterRole['rules']>[number];

/** Whether a rule allows this (upstream: plugin/pkg/auth/authorizer/rbac, RuleAllows). */
export function ruleAllows(rule: PolicyRule, { verb, resource, path }: Attributes): boolean {
  if (!has(rule.verbs, verb)) return false;
  return resource ? coversResource(rule, resource) : path !== undefined && coversPath(rule, path);
}

function coversResource(rule: PolicyRule, { group, plural, subresource, name }: ResourceAttributes): boolean {
  const { apiGroups, resources, resourceNames } = rule;
  if (!apiGroups || !resources || !has(apiGroups, group)) return false;
  const named = subresource ? `${plural}/${subresource}` : plural;
  if (!has(resources, named) && !(subresource && resources.includes(`*/${subresource}`))) return false;
  return !resourceNames?.length || (!!name && resourceNames.includes(name));
}

function coversPath({ nonResourceURLs }: PolicyRule, path: string): boolean {
  return !!nonResourceURLs?.some((url) => (url.endsWith('*') ? path.startsWith(url.slice(0, -1)) : url === path));
}

const has = (given: readonly string[], one: string): boolean => given.includes('*') || given.includes(one);

/**
 * Whether rules already allow all that another rule would: nobody may hand out more than they have (upstream: component-helpers
 * auth/rbac/validation, Covers). Each combination of the rule is asked for by itself, `*` as a word of its own.
 */
export function rulesCover(rules: readonly PolicyRule[], { verbs, ...wanted }: PolicyRule): boolean {
  return verbs.every((verb) => {
    const paths = wanted.nonResourceURLs ?? [];
    if (!paths.every((path) => rules.some((rule) => has(rule.verbs, verb) && coversPath(rule, path)))) return false;
    return (wanted.apiGroups ?? []).every((group) =>
      (wanted.resources ?? []).every((resource) => {
        const [plural = '', subresource] = resource.split('/');
        const names = wanted.resourceNames?.length ? wanted.resourceNames : [undefined];
        return names.every((name) =>
          rules.some((rule) => has(rule.verbs, verb) && coversResource(rule, { group, plural, subresource, name })),
        );
      }),
    );
  });
}
