import type { ClusterRole, ClusterRoleBinding } from '@skiff/api/types';
import type { Describer } from './describer.ts';
import { Lines } from './lines.ts';
import { ruleLines } from './rules.ts';

/** Roles and ClusterRoles. */
export const describeRole: Describer<ClusterRole> = ({ metadata, rules }) => {
  const lines = new Lines()
    .add(`Name:\t${metadata.name}`)
    .labels('Labels', metadata.labels)
    .annotations(metadata.annotations);
  lines.add('PolicyRule:').add('Resources\tNon-Resource URLs\tResource Names\tVerbs', 1);
  lines.add('---------\t-----------------\t--------------\t-----', 1);
  for (const line of ruleLines(rules ?? [])) lines.add(line, 1);
  return lines.text;
};

/** RoleBindings and ClusterRoleBindings. */
export const describeRoleBinding: Describer<ClusterRoleBinding> = ({ metadata, roleRef, subjects }) => {
  const lines = new Lines()
    .add(`Name:\t${metadata.name}`)
    .labels('Labels', metadata.labels)
    .annotations(metadata.annotations);
  lines.add('Role:').add(`Kind:\t${roleRef.kind}`, 1).add(`Name:\t${roleRef.name}`, 1);
  lines.add('Subjects:').add('Kind\tName\tNamespace', 1).add('----\t----\t---------', 1);
  for (const { kind, name, namespace } of subjects ?? []) lines.add(`${kind}\t${name}\t${namespace ?? ''}`, 1);
  return lines.text;
};
