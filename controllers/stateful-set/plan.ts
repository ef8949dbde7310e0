import type { Pod, StatefulSet } from '@skiff/api/types';
import { isPodFinished, isPodReady, untilAvailable } from '../pod-state.ts';
import { firstOrdinal, ordinalOf, ordinalsOf, replicasOf, revisionOf } from './identity.ts';

/** The names of the revision that the set runs and of the one that it goes to. */
export interface RevisionNames {
  readonly current: string;
  readonly update: string;
}

/** What is to be done now. What comes after waits for what these Pods become. */
export interface StatefulPlan {
  /** Ordinals to make Pods for, and the revision to make each of. */
  readonly create: readonly { readonly ordinal: number; readonly revision: string }[];
  readonly delete: readonly Pod[];
  /** When a Pod that is ready becomes available. */
  readonly nextChangeMs?: number;
}

const isTerminating = ({ metadata }: Pod): boolean => metadata.deletionTimestamp !== undefined;
const isRunningAndReady = (pod: Pod): boolean => pod.status?.phase === 'Running' && isPodReady(pod);

/** The Pods of a set by their ordinals, and those beyond the replicas that it wants, highest first. */
export function sortPods(set: StatefulSet, pods: readonly Pod[]): { wanted: Map<number, Pod>; condemned: Pod[] } {
  const ordinals = new Set(ordinalsOf(set));
  const wanted = new Map<number, Pod>();
  const condemned: { ordinal: number; pod: Pod }[] = [];
  for (const pod of pods) {
    const ordinal = ordinalOf(set, pod);
    if (ordinal === undefined) continue;
    if (ordinals.has(ordinal)) wanted.set(ordinal, pod);
    else condemned.push({ ordinal, pod });
  }
  return { wanted, condemned: condemned.sort((a, b) => b.ordinal - a.ordinal).map(({ pod }) => pod) };
}

/** New Pods below the partition are made of the revision that the set runs; all others of the one that it goes to. */
function revisionAt(set: StatefulSet, ordinal: number, revisions: RevisionNames): string {
  const { type, rollingUpdate } = set.spec?.updateStrategy ?? {};
  if (type !== 'RollingUpdate') return revisions.update;
  return ordinal < firstOrdinal(set) + (rollingUpdate?.partition ?? 0) ? revisions.current : revisions.update;
}

/**
 * Decides what to do next (upstream: pkg/controller/statefulset/stateful_set_control.go). In order, each Pod waits until those
 * before it are available, on the way up as on the way down; in parallel none waits for others. Then Pods of older revisions
 * go, the highest first, one at a time.
 */
export function planPods(
  set: StatefulSet,
  pods: readonly Pod[],
  { revisions, now }: { readonly revisions: RevisionNames; readonly now: number },
): StatefulPlan {
  const ordered = set.spec?.podManagementPolicy !== 'Parallel';
  const { wanted, condemned } = sortPods(set, pods);
  const plan: { create: { ordinal: number; revision: string }[]; delete: Pod[] } = { create: [], delete: [] };
  if (set.metadata.deletionTimestamp) return plan;

  for (const ordinal of ordinalsOf(set)) {
    const pod = wanted.get(ordinal);
    if (!pod) {
      plan.create.push({ ordinal, revision: revisionAt(set, ordinal, revisions) });
      if (ordered) return plan;
      continue;
    }
    // One that ended is made anew.
    if (isPodFinished(pod) && !isTerminating(pod)) {
      plan.delete.push(pod);
      if (ordered) return plan;
      continue;
    }
    if (!ordered) continue;
    if (isTerminating(pod) || !isRunningAndReady(pod)) return plan;
    const waitMs = untilAvailable(pod, set.spec?.minReadySeconds ?? 0, now);
    if (waitMs !== 0) return { ...plan, ...(waitMs !== undefined && { nextChangeMs: waitMs }) };
  }

  const firstUnhealthy = [...wanted.values(), ...condemned].find(
    (pod) => !isRunningAndReady(pod) || isTerminating(pod),
  );
  for (const pod of condemned) {
    if (isTerminating(pod)) {
      if (ordered) return plan;
      continue;
    }
    if (ordered && firstUnhealthy && pod !== firstUnhealthy && !isRunningAndReady(pod)) return plan;
    plan.delete.push(pod);
    if (ordered) return plan;
  }
  return rollOut(set, wanted, { plan, update: revisions.update });
}

/** Sends away the highest Pod of an older revision, once all above it are healthy. */
function rollOut(
  set: StatefulSet,
  wanted: ReadonlyMap<number, Pod>,
  { plan, update }: { readonly plan: StatefulPlan; readonly update: string },
): StatefulPlan {
  const { type, rollingUpdate } = set.spec?.updateStrategy ?? {};
  if (type !== 'RollingUpdate') return plan;
  const first = firstOrdinal(set);
  const lowest = first + (rollingUpdate?.partition ?? 0);
  for (let ordinal = first + replicasOf(set) - 1; ordinal >= lowest; ordinal--) {
    const pod = wanted.get(ordinal);
    if (!pod) return plan;
    if (revisionOf(pod) !== update && !isTerminating(pod)) return { ...plan, delete: [...plan.delete, pod] };
    if (isTerminating(pod) || !isRunningAndReady(pod)) return plan;
  }
  return plan;
}
