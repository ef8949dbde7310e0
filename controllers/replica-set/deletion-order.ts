import type { Pod } from '@skiff/api/types';
import { isPodReady, podCondition } from '../pod-state.ts';

const costAnnotation = 'controller.kubernetes.io/pod-deletion-cost';
const phases = ['Pending', 'Unknown', 'Running'];

/**
 * Sorts Pods so that those whose loss hurts least come first, by the rules of Kubernetes' ReplicaSet: not on a node yet,
 * pending, not ready, low deletion cost, several on one node, ready or made recently (in powers of two), often restarted.
 * `related` are all Pods that count as neighbours on a node.
 */
export function inDeletionOrder(pods: readonly Pod[], related: readonly Pod[], now: number): Pod[] {
  const perNode = new Map<string, number>();
  for (const { spec } of related) {
    if (spec?.nodeName) perNode.set(spec.nodeName, (perNode.get(spec.nodeName) ?? 0) + 1);
  }
  const rank = (pod: Pod): readonly (number | string)[] => {
    const ready = isPodReady(pod);
    return [
      pod.spec?.nodeName ? 1 : 0,
      phases.indexOf(pod.status?.phase ?? 'Pending'),
      ready ? 1 : 0,
      Number(pod.metadata.annotations?.[costAnnotation] ?? 0),
      -(perNode.get(pod.spec?.nodeName ?? '') ?? 0),
      ready ? ageClass(podCondition(pod, 'Ready')?.lastTransitionTime, now) : 0,
      -Math.max(0, ...(pod.status?.containerStatuses ?? []).map((status) => status.restartCount)),
      ageClass(pod.metadata.creationTimestamp, now),
      pod.metadata.uid ?? '',
    ];
  };
  return pods
    .map((pod) => ({ pod, rank: rank(pod) }))
    .sort((a, b) => compare(a.rank, b.rank))
    .map(({ pod }) => pod);
}

/** The logarithm of the age: Pods of about the same age count as equal, so that not always the newest has to go. */
function ageClass(time: string | undefined, now: number): number {
  const age = now - Date.parse(time ?? '');
  return Number.isNaN(age) || age <= 0 ? 0 : Math.floor(Math.log2(age * 1e6));
}

function compare(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  for (const [index, value] of a.entries()) {
    const other = b[index];
    if (other !== undefined && value !== other) return value < other ? -1 : 1;
  }
  return 0;
}
