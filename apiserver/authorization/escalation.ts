import { kindNamed } from '@skiff/api/kinds';
import type { KubeObject } from '@skiff/api/meta';
import { forbidden } from '@skiff/api/status';
import type { ClusterRole, RoleBinding } from '@skiff/api/types';
import type { User } from '../registry/strategy.ts';
import type { ClusterAuthorizer } from './authorizer.ts';
import { type PolicyRule, rulesCover } from './rules.ts';

/** Reads the role that a binding names. */
export type RoleLookup = (
  kind: 'Role' | 'ClusterRole',
  namespace: string | undefined,
  name: string,
) => KubeObject | undefined;

/**
 * Refuses that a user writes a role, or binds one, with more rights than the user has: else whoever may write roles could become
 * anyone (upstream: registry/rbac/role/policybased, rolebinding/policybased). The verbs `escalate` and `bind` allow it.
 * `object` is a Role, ClusterRole, RoleBinding or ClusterRoleBinding, whose rules are not checked yet. Throws Forbidden.
 */
export function refuseEscalation(
  user: User,
  object: KubeObject,
  options: { readonly authorizer: ClusterAuthorizer; readonly lookup: RoleLookup },
): void {
  const { authorizer, lookup } = options;
  const { namespace, name } = object.metadata;
  const kind = kindNamed(object.kind);
  const may = (verb: string, role: { plural: string; name: string }): boolean =>
    authorizer.authorize({ user, verb, resource: { group: kind.group, namespace, ...role } }).allowed;
  if (kind.kind === 'Role' || kind.kind === 'ClusterRole') {
    if (may('escalate', { plural: kind.plural, name })) return;
    // The kind says what it holds.
    const { rules, aggregationRule } = object as unknown as ClusterRole;
    check(kind, rules ?? []);
    if (aggregationRule) checkAggregation();
    return;
  }
  const { roleRef } = object as unknown as Partial<RoleBinding>;
  // A binding without a role grants nothing; its validation says so.
  if (!roleRef?.name) return;
  const roleKind = roleRef.kind === 'Role' ? 'Role' : 'ClusterRole';
  if (may('bind', { plural: kindNamed(roleKind).plural, name: roleRef.name })) return;
  const role = lookup(roleKind, roleKind === 'Role' ? namespace : undefined, roleRef.name);
  if (!role) throw forbidden(kind, name, `${roleKind.toLowerCase()}.${kind.group} "${roleRef.name}" not found`);
  check(kind, (role as unknown as ClusterRole).rules ?? []);

  /** What such a role will hold one day, nobody knows. */
  function checkAggregation(): void {
    const owned = authorizer.rbac.rulesOf(user, namespace ?? '');
    if (everything.every((rule) => rulesCover(owned, rule))) return;
    throw forbidden(kind, name, 'must have cluster-admin privileges to use the aggregationRule');
  }

  function check(about: { group: string; plural: string }, rules: readonly PolicyRule[]): void {
    const owned = authorizer.rbac.rulesOf(user, namespace ?? '');
    const missing = rules.filter((rule) => !rulesCover(owned, rule));
    if (missing.length === 0) return;
    const who = `user "${user.name}" (groups=${JSON.stringify(user.groups)})`;
    throw forbidden(
      about,
      name,
      `${who} is attempting to grant RBAC permissions not currently held:\n${missing.map(written).join('\n')}`,
    );
  }
}

const everything: readonly PolicyRule[] = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
  { nonResourceURLs: ['*'], verbs: ['*'] },
];

/** A rule as kube-apiserver writes it: `{APIGroups:["apps"], Resources:["deployments"], Verbs:["get"]}`. */
function written({ apiGroups, resources, resourceNames, nonResourceURLs, verbs }: PolicyRule): string {
  const parts = Object.entries({
    APIGroups: apiGroups,
    Resources: resources,
    ResourceNames: resourceNames,
    NonResourceURLs: nonResourceURLs,
    Verbs: verbs,
  });
  const present = parts.filter(([, list]) => list?.length).map(([field, list]) => `${field}:${JSON.stringify(list)}`);
  return `{${present.join(', ')}}`;
}
