import type { Pod, ReplicaSet } from '@skiff/api/types';
import { isPodActive, isPodReady, isPodTerminating, untilAvailable } from '../pod-state.ts';
import { wireTime } from '../wire-time.ts';

export type ReplicaSetStatus = NonNullable<ReplicaSet['status']>;
type Condition = NonNullable<ReplicaSetStatus['conditions']>[number];

/** What went wrong while Pods were made or deleted. */
export interface ReplicaFailure {
  readonly reason: 'FailedCreate' | 'FailedDelete';
  readonly message: string;
}

/**
 * The status that a ReplicaSet with these Pods should show, and when it changes by itself because a Pod becomes available.
 * Counts that are zero are left out, but for those that Kubernetes always shows.
 */
export function replicaSetStatus(
  set: ReplicaSet,
  pods: readonly Pod[],
  options: { now: number; failure?: ReplicaFailure | undefined },
): { status: ReplicaSetStatus; nextChangeMs: number | undefined } {
  const templateLabels = Object.entries(set.spec?.template?.metadata?.labels ?? {});
  const active = pods.filter(isPodActive);
  const waits = active.map((pod) => untilAvailable(pod, set.spec?.minReadySeconds ?? 0, options.now));
  const waiting = waits.filter((wait): wait is number => wait !== undefined && wait > 0);
  const fullyLabeled = active.filter((pod) =>
    templateLabels.every(([key, value]) => pod.metadata.labels?.[key] === value),
  ).length;
  const ready = active.filter(isPodReady).length;
  const available = waits.filter((wait) => wait === 0).length;
  const conditions = conditionsOf(set, options);
  const status: ReplicaSetStatus = {
    replicas: active.length,
    ...(fullyLabeled > 0 && { fullyLabeledReplicas: fullyLabeled }),
    ...(ready > 0 && { readyReplicas: ready }),
    ...(available > 0 && { availableReplicas: available }),
    terminatingReplicas: pods.filter(isPodTerminating).length,
    observedGeneration: set.metadata.generation ?? 0,
    ...(conditions.length > 0 && { conditions }),
  };
  return { status, nextChangeMs: waiting.length > 0 ? Math.min(...waiting) : undefined };
}

function conditionsOf(
  set: ReplicaSet,
  { now, failure }: { now: number; failure?: ReplicaFailure | undefined },
): Condition[] {
  const before = set.status?.conditions ?? [];
  const others = before.filter(({ type }) => type !== 'ReplicaFailure');
  if (!failure) return others;
  const known = before.find(({ type, reason }) => type === 'ReplicaFailure' && reason === failure.reason);
  if (known) return before;
  return [...others, { type: 'ReplicaFailure', status: 'True', lastTransitionTime: wireTime(now), ...failure }];
}
