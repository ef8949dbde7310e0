import { jsonEqual } from '@skiff/api/json-value';
import type { KubeObject } from '@skiff/api/meta';
import { isAlreadyExists } from '@skiff/api/status';
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '@skiff/api/types';
import type { PolicyRule } from '../rules.ts';
import { componentRoles } from './component-roles.ts';
import { controllerRoles } from './controller-roles.ts';
import { namespaceRoles } from './namespace-roles.ts';
import type { AggregatedRole, BootstrapRole, BootstrapSubject } from './role.ts';
import { skiffRoles } from './skiff-roles.ts';
import { userRoles } from './user-roles.ts';

type AnyRole = ClusterRole | Role;
type AnyBinding = ClusterRoleBinding | RoleBinding;
type Kind = 'ClusterRole' | 'ClusterRoleBinding' | 'Role' | 'RoleBinding';

/** How the roles are read and written: the registry, past authorization. */
export interface RoleWriter {
  get(kind: Kind, name: string, namespace?: string): KubeObject | undefined;
  create(object: AnyRole | AnyBinding): Promise<unknown>;
  update(object: AnyRole | AnyBinding): Promise<unknown>;
}

const rbac = 'rbac.authorization.k8s.io';
const autoUpdate = 'rbac.authorization.kubernetes.io/autoupdate';
const aggregateTo = (role: AggregatedRole): string => `${rbac}/aggregate-to-${role}`;

export const bootstrapRoles: readonly BootstrapRole[] = [
  ...userRoles,
  ...componentRoles,
  ...controllerRoles,
  ...skiffRoles,
];

/**
 * Makes the bootstrap roles and bindings at each start, and gives back to those that are there what they lack; what was added stays.
 * Those annotated `rbac.authorization.kubernetes.io/autoupdate: "false"` are left as they are.
 */
export async function ensureBootstrapRoles(writer: RoleWriter): Promise<void> {
  await Promise.all(
    bootstrapRoles.flatMap((role) => [ensureClusterRole(writer, role), ensureClusterBinding(writer, role)]),
  );
}

/** The same for the roles in namespaces, which have to be there. */
export async function ensureNamespaceRoles(writer: RoleWriter): Promise<void> {
  await Promise.all(
    namespaceRoles.flatMap(({ namespace, name, rules, subjects, binding = name }) => [
      ensureRole(writer, { ...born('Role', { namespace, name }), rules: [...rules] }),
      ensureBinding(writer, {
        ...born('RoleBinding', { namespace, name: binding }),
        subjects: subjects.map(subjectOf),
        roleRef: { apiGroup: rbac, kind: 'Role', name },
      }),
    ]),
  );
}

/** What a role that puts others together is born with, before its controller looks after it. */
function aggregated(role: AggregatedRole): PolicyRule[] {
  const parts = bootstrapRoles.filter(({ partOf }) => partOf === role).sort((a, b) => (a.name < b.name ? -1 : 1));
  const rules = parts.flatMap(({ aggregates, rules: own }) => (aggregates ? aggregated(aggregates) : own));
  return rules.filter((rule, index) => rules.findIndex((other) => jsonEqual(other, rule)) === index);
}

function ensureClusterRole(writer: RoleWriter, { name, rules, partOf, aggregates }: BootstrapRole): Promise<void> {
  const role = born('ClusterRole', { name });
  if (partOf) role.metadata.labels[aggregateTo(partOf)] = 'true';
  if (!aggregates) return ensureRole(writer, { ...role, rules: [...rules] });
  const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { [aggregateTo(aggregates)]: 'true' } }] };
  return ensureRole(writer, { ...role, aggregationRule, rules: aggregated(aggregates) });
}

async function ensureRole(writer: RoleWriter, role: ClusterRole): Promise<void> {
  // The kind that was asked for.
  const there = find(writer, role) as ClusterRole | undefined;
  if (!there) return create(writer, role);
  // The rules of a role that puts others together are its controller's.
  const wanted = role.aggregationRule ? [] : (role.rules ?? []);
  const missing = wanted.filter((rule) => !there.rules?.some((given) => jsonEqual(given, rule)));
  const lost = role.aggregationRule && !there.aggregationRule;
  if ((missing.length === 0 && !lost) || isLeftAlone(there)) return;
  const rules = [...(there.rules ?? []), ...missing];
  await writer.update({ ...structuredClone(there), rules, ...(lost && { aggregationRule: role.aggregationRule }) });
}

async function ensureClusterBinding(writer: RoleWriter, { name, subjects }: BootstrapRole): Promise<void> {
  if (!subjects) return;
  const roleRef = { apiGroup: rbac, kind: 'ClusterRole', name };
  await ensureBinding(writer, { ...born('ClusterRoleBinding', { name }), subjects: subjects.map(subjectOf), roleRef });
}

async function ensureBinding(writer: RoleWriter, binding: AnyBinding): Promise<void> {
  const there = find(writer, binding) as AnyBinding | undefined;
  if (!there) return create(writer, binding);
  const missing = (binding.subjects ?? []).filter(
    (subject) => !there.subjects?.some((given) => jsonEqual(given, subject)),
  );
  if (missing.length === 0 || isLeftAlone(there)) return;
  await writer.update({ ...structuredClone(there), subjects: [...(there.subjects ?? []), ...missing] });
}

const find = (writer: RoleWriter, { kind, metadata }: AnyRole | AnyBinding): KubeObject | undefined =>
  writer.get(kind as Kind, metadata.name, metadata.namespace); // the kinds of `born`

async function create(writer: RoleWriter, object: AnyRole | AnyBinding): Promise<void> {
  try {
    await writer.create(object);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

function born(kind: Kind, key: { namespace?: string; name: string }) {
  const labels: Record<string, string> = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
  return { apiVersion: `${rbac}/v1`, kind, metadata: { ...key, annotations: { [autoUpdate]: 'true' }, labels } };
}

const subjectOf = (subject: BootstrapSubject) =>
  subject.kind === 'ServiceAccount' ? { ...subject } : { ...subject, apiGroup: rbac };

const isLeftAlone = ({ metadata }: KubeObject | AnyRole | AnyBinding): boolean =>
  metadata.annotations?.[autoUpdate] === 'false';
