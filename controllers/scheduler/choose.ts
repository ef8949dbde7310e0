import type { Pod } from '@skiff/api/types';
import { type Refusal, refusal } from './filters.ts';
import type { NodeInfo } from './node-info.ts';
import { podRequests } from './requests.ts';
import { untolerated } from './taints.ts';

/** A node for a Pod, or why there is none. */
export type Choice = { readonly node: NodeInfo } | { readonly message: string };

/**
 * Chooses among the nodes that can take the Pod: no soft taint, fewest Pods of its kind (`isRelated`), least requested,
 * first by name. So the same world always gives the same choice.
 */
export function chooseNode(pod: Pod, nodes: readonly NodeInfo[], isRelated: (other: Pod) => boolean): Choice {
  const refusals: Refusal[] = [];
  let best: { node: NodeInfo; score: readonly number[] } | undefined;
  for (const node of nodes) {
    const refused = refusal(pod, node);
    if (refused) {
      refusals.push(refused);
      continue;
    }
    const score = [softTaints(pod, node), related(node, isRelated), load(pod, node)];
    const order = best ? compare(score, best.score) : -1;
    if (!best || order < 0 || (order === 0 && node.name < best.node.name)) best = { node, score };
  }
  return best ? { node: best.node } : { message: explain(nodes.length, refusals) };
}

function softTaints(pod: Pod, { node }: NodeInfo): number {
  const soft = (node.spec?.taints ?? []).filter(({ effect }) => effect === 'PreferNoSchedule');
  return soft.filter((taint) => untolerated(pod, [taint])).length;
}

function related(node: NodeInfo, isRelated: (other: Pod) => boolean): number {
  let count = 0;
  for (const other of node.pods()) if (isRelated(other)) count++;
  return count;
}

/** The mean of the fractions of CPU, memory and Pods in use once this Pod runs there too. */
function load(pod: Pod, node: NodeInfo): number {
  const requests = podRequests(pod);
  const fractions = ['cpu', 'memory', 'pods'].map((name) => {
    const all = node.allocatable.get(name) ?? 0;
    return all > 0 ? (node.requested(name) + (requests.get(name) ?? 0)) / all : 1;
  });
  const mean = fractions.reduce((sum, fraction) => sum + fraction, 0) / fractions.length;
  return Math.round(mean * 1e6);
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Kubernetes' message for a Pod that fits nowhere; what it adds about preemption is part of it. */
export function explain(nodes: number, refusals: readonly Refusal[]): string {
  if (nodes === 0) return 'no nodes available to schedule pods';
  const reasons = countEach(refusals.flatMap((refused) => refused.reasons));
  const preemption = countEach(
    refusals.map(({ preemptionCouldHelp }) =>
      preemptionCouldHelp ? 'No preemption victims found for incoming pod' : 'Preemption is not helpful for scheduling',
    ),
  );
  const available = `0/${nodes} nodes are available`;
  return `${available}: ${reasons}. preemption: ${available}: ${preemption}.`;
}

function countEach(reasons: readonly string[]): string {
  return [...Map.groupBy(reasons, (reason) => reason)]
    .map(([reason, all]) => `${all.length} ${reason}`)
    .sort()
    .join(', ');
}
