import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '@skiff/api/types';
import type { Cached } from '../watch/cached.ts';
import type { PolicyRule } from './rules.ts';

export type Subject = NonNullable<ClusterRoleBinding['subjects']>[number];
export type Binding = Pick<RoleBinding, 'roleRef' | 'subjects' | 'metadata'>;

/**
 * What a binding gives to one of its subjects. Of most grants nobody ever asks for the rules, and those are most of the text of a
 * cluster's roles: they are read when they are asked for.
 */
export class Grant {
  /** Empty: everywhere. */
  readonly namespace: string;
  readonly #binding: Binding;
  readonly #subject: Subject;
  readonly #role: Cached | undefined;

  constructor(of: { binding: Binding; subject: Subject; namespace: string; role: Cached | undefined }) {
    this.namespace = of.namespace;
    this.#binding = of.binding;
    this.#subject = of.subject;
    this.#role = of.role;
  }

  get rules(): readonly PolicyRule[] {
    // The cache holds what the kinds' strategies validated.
    return (this.#role?.object as Role | ClusterRole | undefined)?.rules ?? [];
  }

  /** Why it allows what it allows. */
  get reason(): string {
    const { roleRef, metadata } = this.#binding;
    const { kind, name, namespace } = this.#subject;
    const binding = this.namespace
      ? `RoleBinding "${metadata.name}/${this.namespace}"`
      : `ClusterRoleBinding "${metadata.name}"`;
    const to = kind === 'ServiceAccount' ? `"${name}/${namespace}"` : `"${name}"`;
    return `RBAC: allowed by ${binding} of ${roleRef.kind} "${roleRef.name}" to ${kind} ${to}`;
  }

  /** What the role is called that is not there. */
  get missing(): string | undefined {
    const { kind, name } = this.#binding.roleRef;
    return this.#role ? undefined : `${kind.toLowerCase()}.rbac.authorization.k8s.io "${name}"`;
  }
}
