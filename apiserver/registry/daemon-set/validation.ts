import { invalidValue, nonNegative, notSupported, required } from '@skiff/api/causes';
import { validateLabelSelector } from '@skiff/api/selectors/label-selector-rules';
import type { StatusCause } from '@skiff/api/status';
import type { DaemonSet } from '@skiff/api/types';
import { validateImmutable } from '../immutable.ts';
import { isZero, validateShare } from '../int-or-percent.ts';
import { validateRunningTemplate } from '../pod-template/validation.ts';
import { nonNegativeCounts } from '../workloads/status.ts';
import { selectsEverything, validateSelects } from '../workloads/template.ts';

type Strategy = NonNullable<NonNullable<DaemonSet['spec']>['updateStrategy']>;

function validateUpdateStrategy(strategy: Strategy): StatusCause[] {
  const field = 'spec.updateStrategy';
  const { type, rollingUpdate } = strategy;
  if (type === 'OnDelete') return [];
  if (type !== 'RollingUpdate') return [notSupported(field, strategy, ['RollingUpdate', 'OnDelete'])];
  if (!rollingUpdate) return [required(`${field}.rollingUpdate`)];
  const { maxUnavailable, maxSurge } = rollingUpdate;
  const causes = [
    ...validateShare(maxUnavailable, `${field}.rollingUpdate.maxUnavailable`),
    ...validateShare(maxSurge, `${field}.rollingUpdate.maxSurge`),
  ];
  const unavailable = !isZero(maxUnavailable);
  const surges = !isZero(maxSurge);
  if (unavailable && surges) {
    const rule = 'may not be set when maxUnavailable is non-zero';
    causes.push(invalidValue(`${field}.rollingUpdate.maxSurge`, maxSurge, rule));
  } else if (!unavailable && !surges) {
    causes.push(required(`${field}.rollingUpdate.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
  }
  return causes;
}

/** Upstream: ValidateDaemonSetSpec. */
export function validateDaemonSet({ spec }: DaemonSet): StatusCause[] {
  if (!spec) return [required('spec')];
  const { selector } = spec;
  const everything = selector && selectsEverything(selector);
  return [
    ...validateLabelSelector(selector, 'spec.selector'),
    ...validateSelects(selector, spec.template, 'spec.template'),
    ...(everything ? [invalidValue('spec.selector', selector, 'empty selector is invalid for daemonset')] : []),
    ...validateRunningTemplate(spec.template, 'spec.template', 'DaemonSet'),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...validateUpdateStrategy(spec.updateStrategy ?? {}),
    ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
  ];
}

export const validateDaemonSetUpdate = ({ spec }: DaemonSet, old: DaemonSet): StatusCause[] =>
  validateImmutable(spec?.selector, old.spec?.selector, 'spec.selector');

export const validateDaemonSetStatus = ({ status }: DaemonSet): StatusCause[] =>
  nonNegativeCounts(status, [
    'currentNumberScheduled',
    'numberMisscheduled',
    'desiredNumberScheduled',
    'numberReady',
    'observedGeneration',
    'updatedNumberScheduled',
    'numberAvailable',
    'numberUnavailable',
    'collisionCount',
  ]);
