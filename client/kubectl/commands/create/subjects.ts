import { CommandError } from '../../failure.ts';
import { list, text } from '../../flags.ts';

export const bindingFlags = {
  role: text(),
  clusterrole: text(),
  user: list(),
  group: list(),
  serviceaccount: list(),
} as const;

interface BindingFlags {
  readonly role: string | undefined;
  readonly clusterrole: string | undefined;
  readonly user: string[];
  readonly group: string[];
  readonly serviceaccount: string[];
}

const apiGroup = 'rbac.authorization.k8s.io';

/** The role and the subjects of a binding. */
export function bindingOf(flags: BindingFlags): { roleRef: object; subjects: object[] } {
  const { role, clusterrole } = flags;
  if ((role === undefined) === (clusterrole === undefined))
    throw new CommandError('exactly one of clusterrole or role must be specified');
  const subjects = [
    ...flags.user.map((name) => ({ apiGroup, kind: 'User', name })),
    ...flags.group.map((name) => ({ apiGroup, kind: 'Group', name })),
    ...flags.serviceaccount.map((given) => {
      const [namespace, name, ...more] = given.split(':');
      if (!namespace || !name || more.length > 0) throw new CommandError('serviceaccount must be <namespace>:<name>');
      return { kind: 'ServiceAccount', name, namespace };
    }),
  ];
  const roleRef = { apiGroup, kind: clusterrole ? 'ClusterRole' : 'Role', name: clusterrole ?? role };
  return { roleRef, subjects };
}
