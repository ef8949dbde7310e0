import type { Pod, PodDisruptionBudget } from '@skiff/api/types';
import { shareOf } from '../daemon-set/plan.ts';
import { isPodReady } from '../pod-state.ts';
import { wireTime } from '../wire-time.ts';
import { type Expected, expectedScale, type Lookup } from './scale.ts';

type Status = NonNullable<PodDisruptionBudget['status']>;
type Condition = NonNullable<Status['conditions']>[number];

/** An eviction that has not been seen to happen in this time is not waited for any longer. */
const evictionMs = 2 * 60_000;

interface Counts {
  readonly expectedPods: number;
  readonly desiredHealthy: number;
}

/** How many Pods a budget speaks of, and how many of them must stay. */
function countsOf({ spec }: PodDisruptionBudget, pods: readonly Pod[], lookup: Lookup): Counts | { why: string } {
  const { minAvailable, maxUnavailable } = spec ?? {};
  if (maxUnavailable === undefined && typeof minAvailable !== 'string') {
    return { expectedPods: pods.length, desiredHealthy: minAvailable ?? 0 };
  }
  const expected: Expected = expectedScale(pods, lookup);
  if ('why' in expected) return expected;
  const { count } = expected;
  if (maxUnavailable === undefined) return { expectedPods: count, desiredHealthy: shareOf(minAvailable, count) };
  return { expectedPods: count, desiredHealthy: Math.max(0, count - shareOf(maxUnavailable, count)) };
}

/** Evictions on their way: of Pods that are there, not ending yet, and not long ago. */
function underWay(budget: PodDisruptionBudget, pods: readonly Pod[], now: number): Record<string, string> {
  const waiting = new Set(
    pods.filter(({ metadata }) => !metadata.deletionTimestamp).map(({ metadata }) => metadata.name),
  );
  const entries = Object.entries(budget.status?.disruptedPods ?? {});
  return Object.fromEntries(entries.filter(([name, time]) => waiting.has(name) && Date.parse(time) + evictionMs > now));
}

function condition(budget: PodDisruptionBudget, allowed: number, now: number, why: string | undefined): Condition {
  const status = allowed > 0 ? 'True' : 'False';
  const reason = why === undefined ? (allowed > 0 ? 'SufficientPods' : 'InsufficientPods') : 'SyncFailed';
  const before = budget.status?.conditions?.find(({ type }) => type === 'DisruptionAllowed');
  return {
    type: 'DisruptionAllowed',
    status,
    ...(budget.metadata.generation !== undefined && { observedGeneration: budget.metadata.generation }),
    lastTransitionTime: before?.status === status ? before.lastTransitionTime : wireTime(now),
    reason,
    message: why ?? '',
  };
}

/** What a budget has left, and when to count again (upstream: pkg/controller/disruption). */
export function budgetStatus(
  budget: PodDisruptionBudget,
  pods: readonly Pod[],
  { lookup, now }: { readonly lookup: Lookup; readonly now: number },
): { status: Status; nextChangeMs: number | undefined; problem: string | undefined } {
  const disrupted = underWay(budget, pods, now);
  const counts = countsOf(budget, pods, lookup);
  const healthy = pods.filter(
    (pod) => !pod.metadata.deletionTimestamp && isPodReady(pod) && !(pod.metadata.name in disrupted),
  ).length;
  const problem = 'why' in counts ? counts.why : undefined;
  const { expectedPods, desiredHealthy } = 'why' in counts ? { expectedPods: 0, desiredHealthy: 0 } : counts;
  const allowed = expectedPods > 0 ? Math.max(0, healthy - desiredHealthy) : 0;
  const times = Object.values(disrupted).map((time) => Date.parse(time) + evictionMs - now);
  return {
    status: {
      ...(budget.metadata.generation !== undefined && { observedGeneration: budget.metadata.generation }),
      ...(Object.keys(disrupted).length > 0 && { disruptedPods: disrupted }),
      disruptionsAllowed: allowed,
      currentHealthy: healthy,
      desiredHealthy,
      expectedPods,
      conditions: [condition(budget, allowed, now, problem)],
    },
    nextChangeMs: times.length > 0 ? Math.min(...times) : undefined,
    problem,
  };
}
