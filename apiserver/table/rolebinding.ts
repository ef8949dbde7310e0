import type { ClusterRoleBinding, RoleBinding } from '@skiff/api/types';
import { ageOf } from './age.ts';
import { ageColumn, type Cell, column, nameColumn, wide } from './columns.ts';

export const columns = [nameColumn, column('Role'), ageColumn, wide('Users'), wide('Groups'), wide('ServiceAccounts')];

/** Of RoleBindings and ClusterRoleBindings alike. */
export function cells({ metadata, roleRef, subjects }: RoleBinding | ClusterRoleBinding, now: Date): Cell[] {
  const named = (kind: string): string[] =>
    (subjects ?? [])
      .filter((subject) => subject.kind === kind)
      .map((subject) => (kind === 'ServiceAccount' ? `${subject.namespace}/${subject.name}` : subject.name));
  return [
    metadata.name,
    `${roleRef.kind}/${roleRef.name}`,
    ageOf(metadata.creationTimestamp, now),
    named('User').join(', '),
    named('Group').join(', '),
    named('ServiceAccount').join(', '),
  ];
}
