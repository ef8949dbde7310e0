import { invalidValue, optionalOneOf } from '@skiff/api/causes';
import { validateLabelSelector } from '@skiff/api/selectors/label-selector-rules';
import type { StatusCause } from '@skiff/api/status';
import type { PodDisruptionBudget } from '@skiff/api/types';
import { defineStrategy } from './define-strategy.ts';
import { validateShare } from './int-or-percent.ts';
import { specAndStatus } from './spec-and-status.ts';
import { nonNegativeCounts } from './workloads/status.ts';

function validateSpec({ spec = {} }: PodDisruptionBudget): StatusCause[] {
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy: policy } = spec;
  const both = minAvailable !== undefined && maxUnavailable !== undefined;
  return [
    ...(both ? [invalidValue('spec', spec, 'minAvailable and maxUnavailable cannot be both set')] : []),
    ...validateShare(minAvailable, 'spec.minAvailable'),
    ...validateShare(maxUnavailable, 'spec.maxUnavailable'),
    ...validateLabelSelector(selector, 'spec.selector'),
    ...optionalOneOf('spec.unhealthyPodEvictionPolicy', policy, ['AlwaysAllow', 'IfHealthyBudget']),
  ];
}

const counts = ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const;

/** Upstream: pkg/registry/policy/poddisruptionbudget. An eviction writes the status as the disruption controller does. */
export const podDisruptionBudgetStrategy = defineStrategy<PodDisruptionBudget>({
  ...specAndStatus(),
  validate: (budget, { subresource }) =>
    subresource === 'status' ? nonNegativeCounts(budget.status, counts) : validateSpec(budget),
});
