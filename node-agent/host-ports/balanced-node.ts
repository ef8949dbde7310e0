import type { Node } from '@skiff/api/types';

const EXCLUDED_LABEL = 'node.kubernetes.io/exclude-from-external-load-balancers';
/** The cluster autoscaler is about to remove the node. */
const REMOVED_TAINT = 'ToBeDeletedByClusterAutoscaler';

/**
 * Whether load balancers send anything to a node, as the service controllers of clouds choose them and as kube-proxy's own health says
 * (KEP-3836): it is Ready, is not to go, and nobody has excluded it. That no new Pods are scheduled there changes nothing.
 */
export function isBalanced(node: Node | undefined): boolean {
  if (node === undefined || node.metadata.deletionTimestamp !== undefined) return false;
  if (node.metadata.labels?.[EXCLUDED_LABEL] !== undefined) return false;
  if (node.spec?.taints?.some(({ key }) => key === REMOVED_TAINT)) return false;
  return node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}
