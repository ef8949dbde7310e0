import { plus, readAmounts } from '@skiff/api/quota/amounts';
import { podAmounts } from '@skiff/api/quota/pod-amounts';
import { matchesAffinity, matchesNodeSelector } from '@skiff/api/selectors/node-affinity';
import type { Node } from '@skiff/api/types';
import type { NodePod } from './types.ts';

/** Why a node does not run a Pod that was given to it. */
export interface Rejection {
  readonly reason: string;
  readonly message: string;
}

/**
 * Whether a node takes a Pod that it has not run before, as the kubelet decides (pkg/kubelet/lifecycle/predicate.go): who names the node
 * itself, past the scheduler, may want more than there is, or another node. `others` are the Pods that it has taken and that go on.
 */
export function rejectionOf(
  pod: NodePod,
  { node, others }: { node: Node; others: readonly NodePod[] },
): Rejection | undefined {
  const { nodeSelector, affinity } = pod.spec;
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (!matchesNodeSelector(nodeSelector, node) || (required && !matchesAffinity(required, node)))
    return {
      reason: 'NodeAffinity',
      message: "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    };
  const allocatable = node.status?.allocatable ?? {};
  const capacity = readAmounts(allocatable);
  if (allocatable['pods'] !== undefined && others.length + 1 > Number(allocatable['pods']))
    return tooMuch('pods', { requested: 1, used: others.length, capacity: allocatable['pods'] });
  const used = others.map((other) => podAmounts(other, 'requests')).reduce(plus, new Map());
  for (const [name, requested] of podAmounts(pod, 'requests')) {
    const [there, taken] = [capacity.get(name), used.get(name)];
    // Whether there is any of a resource that nobody has told of is not for a node to say.
    if (requested.isZero || there === undefined) continue;
    if ((taken ? taken.add(requested) : requested).compare(there) <= 0) continue;
    const count = (amount: typeof requested | undefined) =>
      amount === undefined ? 0n : name === 'cpu' ? amount.toMilli() : amount.toBigInt();
    return tooMuch(name, { requested: count(requested), used: count(taken), capacity: count(there) });
  }
  return undefined;
}

type Count = bigint | number | string;

function tooMuch(resource: string, about: { requested: Count; used: Count; capacity: Count }): Rejection {
  const { requested, used, capacity } = about;
  const message = `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`;
  return { reason: `OutOf${resource}`, message };
}
