import { isDeepStrictEqual } from 'node:util';
import type { Kind } from '@skiff/api/kinds';
import type { Node } from '@skiff/api/types';
import type { Strategy } from '../registry/strategy.ts';
import type { ClusterAuthorizer } from './authorizer.ts';
import { refuseEscalation } from './escalation.ts';
import { refuseForeignChanges, refuseOtherNodes } from './node-restriction.ts';

const roles = new Set(['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding']);
const nodes = new Set(['Node', 'Lease']);
/** What grants something; other fields of a role may be changed by whoever may write it. */
const granting = ['rules', 'aggregationRule', 'subjects', 'roleRef'];

/** A kind's strategy with the rules that need the object itself: nobody grants more than they have, and no node passes for another. */
export function guarded(kind: Kind, strategy: Strategy, options: { readonly authorizer: ClusterAuthorizer }): Strategy {
  if (roles.has(kind.kind)) {
    return {
      ...strategy,
      // The first step when the object is as it will be.
      reserve(object, old, context) {
        const changed = !old || granting.some((field) => !isDeepStrictEqual(object[field], old[field]));
        const lookup = context.read.bind(context);
        if (changed) refuseEscalation(context.user, object, { authorizer: options.authorizer, lookup });
        return strategy.reserve?.(object, old, context);
      },
    };
  }
  if (nodes.has(kind.kind)) {
    return {
      ...strategy,
      admit(object, old, context) {
        refuseOtherNodes(context.user, object);
        if (kind.kind === 'Node') refuseForeignChanges(context.user, object as Node, old as Node | undefined); // what Nodes are
        strategy.admit?.(object, old, context);
      },
    };
  }
  return strategy;
}
