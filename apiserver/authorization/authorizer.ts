import type { Caches } from '../watch/caches.ts';
import type { Attributes, Authorizer, Decision } from './attributes.ts';
import { NodeAuthorizer } from './node-authorizer.ts';
import { RbacAuthorizer } from './rbac.ts';

export interface ClusterAuthorizer extends Authorizer {
  readonly rbac: RbacAuthorizer;
}

/** The cluster's authorizer: `system:masters` may do everything, also without a role; then nodes, then roles. The first to allow decides. */
export function clusterAuthorizer(caches: Caches): ClusterAuthorizer {
  const node = new NodeAuthorizer(caches);
  const rbac = new RbacAuthorizer(caches);
  return {
    rbac,
    authorize(attributes: Attributes): Decision {
      if (attributes.user.groups.includes('system:masters')) return { allowed: true, reason: '' };
      const byNode = node.authorize(attributes);
      if (byNode.allowed) return byNode;
      const byRole = rbac.authorize(attributes);
      if (byRole.allowed) return byRole;
      return { allowed: false, reason: [byNode.reason, byRole.reason].filter(Boolean).join(', ') };
    },
  };
}
