import type { Pod } from '@skiff/api/types';
import { tolerationsOf } from '../scheduler/taints.ts';
import type { Taint } from './node-health.ts';

/**
 * When a Pod must leave a node with these taints, in milliseconds since the epoch; undefined: it may stay. A NoExecute taint that is not
 * tolerated means at once, a toleration with `tolerationSeconds` that long after the taint came ("Taints and Tolerations",
 * Kubernetes documentation).
 */
export function evictionTime(pod: Pod, taints: readonly Taint[], now: number): number | undefined {
  let earliest: number | undefined;
  for (const taint of taints) {
    if (taint.effect !== 'NoExecute') continue;
    const tolerations = tolerationsOf(pod, taint);
    const seconds = tolerations.map(({ tolerationSeconds }) => tolerationSeconds ?? Number.POSITIVE_INFINITY);
    const since = taint.timeAdded ? Date.parse(taint.timeAdded) : now;
    const due = tolerations.length === 0 ? now : since + Math.max(0, Math.min(...seconds)) * 1000;
    if (Number.isFinite(due)) earliest = Math.min(earliest ?? due, due);
  }
  return earliest;
}
