import { isDeepStrictEqual } from 'node:util';
import { invalidBy, invalidValue, notSupported, required } from '@skiff/api/causes';
import { dns1123Subdomain, pathSegmentName } from '@skiff/api/names';
import type { StatusCause } from '@skiff/api/status';
import type { ClusterRoleBinding, RoleBinding } from '@skiff/api/types';
import { defineStrategy } from './define-strategy.ts';

type Binding = RoleBinding | ClusterRoleBinding;
type Subject = NonNullable<Binding['subjects']>[number];
const group = 'rbac.authorization.k8s.io';

function defaultBinding({ subjects, roleRef, metadata }: Binding): void {
  if (roleRef && !roleRef.apiGroup) roleRef.apiGroup = group;
  for (const subject of subjects ?? []) {
    if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ??= group;
    if (subject.kind === 'ServiceAccount' && metadata.namespace) subject.namespace ??= metadata.namespace;
  }
}

function validateSubject(subject: Subject, field: string): StatusCause[] {
  const causes = subject.name ? [] : [required(`${field}.name`)];
  const apiGroup = subject.apiGroup ?? '';
  switch (subject.kind) {
    case 'ServiceAccount':
      if (subject.name) causes.push(...invalidBy(dns1123Subdomain, `${field}.name`, subject.name));
      if (apiGroup !== '') causes.push(notSupported(`${field}.apiGroup`, apiGroup, ['']));
      if (!subject.namespace) causes.push(required(`${field}.namespace`));
      return causes;
    case 'User':
    case 'Group':
      if (apiGroup !== group) causes.push(notSupported(`${field}.apiGroup`, apiGroup, [group]));
      return causes;
    default:
      return [...causes, notSupported(`${field}.kind`, subject.kind, ['ServiceAccount', 'User', 'Group'])];
  }
}

const validateBinding =
  (kinds: readonly string[]) =>
  ({ roleRef, subjects }: Binding): StatusCause[] => {
    const causes: StatusCause[] = [];
    const { apiGroup = group, kind = '', name = '' } = roleRef ?? {};
    if (apiGroup !== group) causes.push(notSupported('roleRef.apiGroup', apiGroup, [group]));
    if (!kinds.includes(kind)) causes.push(notSupported('roleRef.kind', kind, kinds));
    if (name === '') causes.push(required('roleRef.name'));
    else causes.push(...invalidBy(pathSegmentName, 'roleRef.name', name));
    for (const [index, subject] of (subjects ?? []).entries()) {
      causes.push(...validateSubject(subject, `subjects[${index}]`));
    }
    return causes;
  };

const validateRoleBinding = validateBinding(['Role', 'ClusterRole']);
const validateClusterRoleBinding = validateBinding(['ClusterRole']);

/** Another role would be another grant: it needs another binding. */
const validateRoleRef = (binding: Binding, old: Binding): StatusCause[] =>
  isDeepStrictEqual(binding.roleRef, old.roleRef)
    ? []
    : [invalidValue('roleRef', binding.roleRef, 'cannot change roleRef')];

/** Upstream: pkg/registry/rbac and pkg/apis/rbac/validation. An update has all rules twice. */
export const roleBindingStrategy = defineStrategy<RoleBinding>({
  default: defaultBinding,
  validate: validateRoleBinding,
  validateUpdate: (binding, old) => [...validateRoleBinding(binding), ...validateRoleRef(binding, old)],
});

export const clusterRoleBindingStrategy = defineStrategy<ClusterRoleBinding>({
  default: defaultBinding,
  validate: validateClusterRoleBinding,
  validateUpdate: (binding, old) => [...validateClusterRoleBinding(binding), ...validateRoleRef(binding, old)],
});
