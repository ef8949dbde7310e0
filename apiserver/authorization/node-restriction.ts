import { isDeepStrictEqual } from 'node:util';
import { kindNamed } from '@skiff/api/kinds';
import type { KubeObject } from '@skiff/api/meta';
import { forbidden } from '@skiff/api/status';
import type { Node } from '@skiff/api/types';
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

/** Domains whose labels are Kubernetes' own, or an administrator's means to keep nodes apart. */
const guardedDomain = /^(?:[^/]*\.)?(?:kubernetes\.io|k8s\.io)\//;
/** The labels of these domains that the kubelet may give its node (upstream: pkg/kubelet/apis/well_known_labels.go). */
const nodeDomain = /^(?:[^/]*\.)?(?:kubelet\.kubernetes\.io|node\.kubernetes\.io)\//;
const nodeLabels = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/arch',
  'kubernetes.io/os',
  'beta.kubernetes.io/instance-type',
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'failure-domain.kubernetes.io/zone',
  'failure-domain.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
]);
const mayGive = (label: string): boolean =>
  !guardedDomain.test(label) || nodeLabels.has(label) || nodeDomain.test(label);

/**
 * What a node may not change of its own Node: taints, and labels by which others keep their Pods away from it or draw them there.
 * Throws Forbidden.
 */
export function refuseForeignChanges(user: User, object: Node, old: Node | undefined): void {
  const node = nodeNameOf(user);
  if (!node) return;
  const refuse = (what: string) =>
    forbidden(kindNamed('Node'), object.metadata.name, `node "${node}" is not allowed to ${what}`);
  const [labels, before] = [object.metadata.labels ?? {}, old?.metadata.labels ?? {}];
  const changed = [...new Set([...Object.keys(labels), ...Object.keys(before)])].filter(
    (label) => labels[label] !== before[label] && !mayGive(label),
  );
  if (changed.length) throw refuse(`${old ? 'modify' : 'set the following'} labels: ${changed.sort().join(', ')}`);
  if (old && !isDeepStrictEqual(object.spec?.taints ?? [], old.spec?.taints ?? [])) throw refuse('modify taints');
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
