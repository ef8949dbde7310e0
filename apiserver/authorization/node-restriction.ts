import { kindNamed } from '@skiff/api/kinds';
import type { KubeObject } from '@skiff/api/meta';
import { forbidden } from '@skiff/api/status';
import type { User } from '../registry/strategy.ts';
import { nodeNameOf } from './node-authorizer.ts';

/**
 * What a create hides in its body from authorization: a node makes only the Node and the Lease of its own name (upstream: the
 * NodeRestriction admission plugin). Throws Forbidden.
 */
export function refuseOtherNodes(user: User, object: KubeObject): void {
  const node = nodeNameOf(user);
  const { name } = object.metadata;
  if (!node || name === node) return;
  const kind = kindNamed(object.kind);
  throw forbidden(kind, name, `node "${node}" is not allowed to write ${kind.singular} "${name}"`);
}

/** A node gets tokens only for Pods that run on it, bound to them, so that they end with the Pod. Throws Forbidden. */
export function refuseUnboundTokens(user: User, serviceAccount: string, pod: KubeObject | undefined): void {
  const node = nodeNameOf(user);
  if (!node) return;
  const refuse = (why: string) => forbidden(kindNamed('ServiceAccount'), serviceAccount, why);
  if (!pod) throw refuse('node requested token not bound to a pod');
  // The caller read it from the cache of Pods.
  const { nodeName, serviceAccountName } = pod['spec'] as { nodeName?: string; serviceAccountName?: string };
  if (nodeName !== node) throw refuse(`node requested token bound to a pod scheduled on a different node`);
  if ((serviceAccountName || 'default') !== serviceAccount)
    throw refuse('node requested token of another service account');
}
