import { LabelSelector } from '@skiff/api/selectors/label-selector';
import { forbidden, StatusError, statusCodes } from '@skiff/api/status';
import type { Pod, PodDisruptionBudget } from '@skiff/api/types';
import { timestamp } from '../registry/deletion.ts';
import type { WriteContext } from '../registry/strategy.ts';
import type { Services } from './services.ts';

/** So many evictions may be on their way before the disruption controller has seen them. */
const maxDisruptedPods = 2000;
/** When to ask again while the controller is behind. */
const retrySeconds = 10;

const budgets = { group: 'policy', plural: 'poddisruptionbudgets' };

/** The budgets that a Pod counts towards. */
function budgetsOf({ metadata }: Pod, context: WriteContext): PodDisruptionBudget[] {
  // What was listed are PodDisruptionBudgets.
  const all = context.list('PodDisruptionBudget', metadata.namespace) as readonly unknown[] as PodDisruptionBudget[];
  return all.filter(({ spec }) => LabelSelector.from(spec?.selector).matches(metadata.labels));
}

const unhurt = new Set(['Succeeded', 'Failed', 'Pending']);

const isReady = ({ status }: Pod): boolean =>
  status?.conditions?.some(({ type, status: state }) => type === 'Ready' && state === 'True') ?? false;

/** Whether a Pod that is not ready may go whatever its budget has left. */
function mayGoUnready({ spec, status }: PodDisruptionBudget): boolean {
  if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {};
  return desiredHealthy > 0 && currentHealthy >= desiredHealthy;
}

function tooManyRequests(message: string, seconds: number): StatusError {
  return new StatusError({
    code: statusCodes.TooManyRequests,
    reason: 'TooManyRequests',
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
    details: { causes: [{ reason: 'DisruptionBudget', message }], ...(seconds && { retryAfterSeconds: seconds }) },
  });
}

/** The budget with one disruption less, that of this Pod. Throws 429 where it has none left. */
function withDisruption(budget: PodDisruptionBudget, pod: Pod, now: Date): PodDisruptionBudget {
  const { name, generation = 0 } = budget.metadata;
  const { observedGeneration = 0, disruptionsAllowed = 0, disruptedPods = {}, ...status } = budget.status ?? {};
  if (observedGeneration < generation) {
    throw tooManyRequests(`The disruption budget ${name} is still being processed by the server.`, retrySeconds);
  }
  if (disruptionsAllowed < 0) throw forbidden(budgets, name, 'pod disruption budget is negative');
  if (Object.keys(disruptedPods).length > maxDisruptedPods) {
    throw forbidden(budgets, name, 'DisruptedPods map too big - too many evictions not confirmed by PDB controller');
  }
  if (disruptionsAllowed === 0) {
    const { desiredHealthy = 0, currentHealthy = 0 } = status;
    throw tooManyRequests(
      `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
      0,
    );
  }
  return {
    ...budget,
    status: {
      ...status,
      observedGeneration,
      disruptionsAllowed: disruptionsAllowed - 1,
      disruptedPods: { ...disruptedPods, [pod.metadata.name]: timestamp(now) },
    },
  };
}

/**
 * Takes the eviction of a Pod from the budget that it counts towards, if it does (upstream:
 * pkg/registry/core/pod/storage/eviction.go). Throws 429 where that has nothing left, and 500 where there are several budgets.
 */
export async function takeDisruption(pod: Pod, services: Services, context: WriteContext): Promise<void> {
  if (unhurt.has(pod.status?.phase ?? '') || pod.metadata.deletionTimestamp) return;
  const [budget, ...others] = budgetsOf(pod, context);
  if (!budget) return;
  if (others.length) {
    const message = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
    throw new StatusError({ code: 500, reason: 'InternalError', message, details: {} });
  }
  if (!isReady(pod) && mayGoUnready(budget)) return;
  await services.resources.named('PodDisruptionBudget').update(
    budget.metadata,
    (current) => {
      if (!current) throw forbidden(budgets, budget.metadata.name, 'the disruption budget is gone');
      // What the registry of PodDisruptionBudgets holds.
      return withDisruption(current as unknown as PodDisruptionBudget, pod, context.now) as unknown as typeof current;
    },
    { ...context, subresource: 'status' },
  );
}
