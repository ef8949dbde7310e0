import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '@skiff/api/meta';
import { isAlreadyExists } from '@skiff/api/status';
import type { ClusterRole, ClusterRoleBinding } from '@skiff/api/types';
import { type BootstrapRole, type BootstrapSubject, bootstrapRoles } from './bootstrap-policy.ts';

/** How the roles are read and written: the registry, past authorization. */
export interface RoleWriter {
  get(kind: 'ClusterRole' | 'ClusterRoleBinding', name: string): KubeObject | undefined;
  create(object: ClusterRole | ClusterRoleBinding): Promise<unknown>;
  update(object: ClusterRole | ClusterRoleBinding): Promise<unknown>;
}

const rbac = 'rbac.authorization.k8s.io';
const autoUpdate = 'rbac.authorization.kubernetes.io/autoupdate';

/**
 * Makes the bootstrap roles and bindings at each start, and gives back to those that are there what they lack; what was added stays.
 * Those annotated `rbac.authorization.kubernetes.io/autoupdate: "false"` are left as they are.
 */
export async function ensureBootstrapRoles(writer: RoleWriter): Promise<void> {
  await Promise.all(bootstrapRoles.flatMap((role) => [ensureRole(writer, role), ensureBinding(writer, role)]));
}

async function ensureRole(writer: RoleWriter, { name, rules }: BootstrapRole): Promise<void> {
  // The kind that was asked for.
  const there = writer.get('ClusterRole', name) as ClusterRole | undefined;
  if (!there) return create(writer, { ...born('ClusterRole', name), rules: [...rules] });
  const missing = rules.filter((rule) => !there.rules?.some((given) => isDeepStrictEqual(given, rule)));
  if (missing.length === 0 || isLeftAlone(there)) return;
  await writer.update({ ...structuredClone(there), rules: [...(there.rules ?? []), ...missing] });
}

async function ensureBinding(writer: RoleWriter, { name, subjects }: BootstrapRole): Promise<void> {
  if (!subjects) return;
  const there = writer.get('ClusterRoleBinding', name) as ClusterRoleBinding | undefined;
  const wanted = subjects.map(subjectOf);
  const roleRef = { apiGroup: rbac, kind: 'ClusterRole', name };
  if (!there) return create(writer, { ...born('ClusterRoleBinding', name), subjects: wanted, roleRef });
  const missing = wanted.filter((subject) => !there.subjects?.some((given) => isDeepStrictEqual(given, subject)));
  if (missing.length === 0 || isLeftAlone(there)) return;
  await writer.update({ ...structuredClone(there), subjects: [...(there.subjects ?? []), ...missing] });
}

async function create(writer: RoleWriter, object: ClusterRole | ClusterRoleBinding): Promise<void> {
  try {
    await writer.create(object);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

const born = (kind: string, name: string) => ({
  apiVersion: `${rbac}/v1`,
  kind,
  metadata: { name, annotations: { [autoUpdate]: 'true' }, labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' } },
});

const subjectOf = (subject: BootstrapSubject) =>
  subject.kind === 'ServiceAccount' ? { ...subject } : { ...subject, apiGroup: rbac };

const isLeftAlone = ({ metadata }: KubeObject | ClusterRole | ClusterRoleBinding): boolean =>
  metadata.annotations?.[autoUpdate] === 'false';
