import { kindNamed } from '@skiff/api/kinds';
import type { ClusterRoleBinding, RoleBinding } from '@skiff/api/types';
import type { User } from '../registry/strategy.ts';
import type { Caches } from '../watch/caches.ts';
import type { ResourceCache } from '../watch/resource-cache.ts';
import type { Attributes, Authorizer, Decision } from './attributes.ts';
import { type Binding, Grant, type Subject } from './grant.ts';
import { type PolicyRule, ruleAllows } from './rules.ts';

/**
 * Role-based access control over the caches of the four kinds. What each subject is granted is worked out once after a change, and for each
 * user once more: a request only walks through the rules that are its user's.
 */
export class RbacAuthorizer implements Authorizer {
  readonly #caches: Record<'roles' | 'roleBindings' | 'clusterRoles' | 'clusterRoleBindings', ResourceCache>;
  /** By `User NAME` and `Group NAME`; undefined after a change. */
  #bySubject: Map<string, Grant[]> | undefined;
  /** A connection's user is one object for all its requests. */
  #byUser = new WeakMap<User, readonly Grant[]>();

  /** Follows the caches as long as they live. */
  constructor(caches: Caches) {
    this.#caches = {
      roles: caches.of(kindNamed('Role')),
      roleBindings: caches.of(kindNamed('RoleBinding')),
      clusterRoles: caches.of(kindNamed('ClusterRole')),
      clusterRoleBindings: caches.of(kindNamed('ClusterRoleBinding')),
    };
    const forget = (): void => {
      this.#bySubject = undefined;
    };
    for (const cache of Object.values(this.#caches)) cache.subscribe({ onEvent: forget, onGone: forget });
  }

  authorize(attributes: Attributes): Decision {
    const namespace = attributes.resource?.namespace ?? '';
    let problem = '';
    for (const grant of this.#grantsOf(attributes.user)) {
      if (grant.namespace !== '' && (grant.namespace !== namespace || !attributes.resource)) continue;
      if (grant.rules.some((rule) => ruleAllows(rule, attributes))) return { allowed: true, reason: grant.reason };
      if (grant.missing) problem = `RBAC: ${grant.missing} not found`;
    }
    return { allowed: false, reason: problem };
  }

  /** All that a user may do in a namespace, for SelfSubjectRulesReview and to see that nobody grants more than they have. */
  rulesOf(user: User, namespace: string): PolicyRule[] {
    return this.#grantsOf(user)
      .filter((grant) => grant.namespace === '' || grant.namespace === namespace)
      .flatMap((grant) => grant.rules);
  }

  #grantsOf(user: User): readonly Grant[] {
    let bySubject = this.#bySubject;
    if (!bySubject) {
      bySubject = this.#collect();
      this.#bySubject = bySubject;
      this.#byUser = new WeakMap();
    }
    let grants = this.#byUser.get(user);
    if (!grants) {
      const subjects = [`User ${user.name}`, ...user.groups.map((group) => `Group ${group}`)];
      grants = subjects.flatMap((subject) => bySubject.get(subject) ?? []);
      this.#byUser.set(user, grants);
    }
    return grants;
  }

  #collect(): Map<string, Grant[]> {
    const grants = new Map<string, Grant[]>();
    for (const { object, namespace } of this.#bindings()) {
      for (const subject of object.subjects ?? []) {
        const key = keyOf(subject);
        const given = grants.get(key) ?? [];
        given.push(this.#grant(object, subject, namespace));
        grants.set(key, given);
      }
    }
    return grants;
  }

  *#bindings(): Generator<{ object: Binding; namespace: string }> {
    // The caches of these kinds hold what their strategies validated.
    for (const { object } of this.#caches.clusterRoleBindings.list().items)
      yield { object: object as ClusterRoleBinding, namespace: '' };
    for (const { object, namespace } of this.#caches.roleBindings.list().items)
      yield { object: object as RoleBinding, namespace };
  }

  #grant(binding: Binding, subject: Subject, namespace: string): Grant {
    const { kind, name } = binding.roleRef;
    const role = kind === 'Role' ? this.#caches.roles.get(namespace, name) : this.#caches.clusterRoles.get('', name);
    return new Grant({ binding, subject, namespace, role });
  }
}

/** A service account is the user that its tokens stand for. */
const keyOf = ({ kind, name, namespace }: Subject): string =>
  kind === 'ServiceAccount' ? `User system:serviceaccount:${namespace}:${name}` : `${kind} ${name}`;
