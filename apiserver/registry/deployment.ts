import { isDeepStrictEqual } from 'node:util';
import { forbiddenField, invalidValue, nonNegative, notSupported, required } from '@skiff/api/causes';
import type { StatusCause } from '@skiff/api/status';
import type { Deployment } from '@skiff/api/types';
import { defineStrategy } from './define-strategy.ts';
import { isZero, notMoreThanAll, validateIntOrPercent } from './int-or-percent.ts';
import { defaultPodTemplate } from './pod-template/defaults.ts';
import { validateSelectedTemplate } from './pod-template/selected-template-validation.ts';
import { isNews, nameWarnings, templateWarnings } from './pod-template/warnings.ts';
import { validateCounts } from './replica-counts.ts';
import { countGeneration, keepSpec, keepStatus } from './spec-and-status.ts';

type Spec = NonNullable<Deployment['spec']>;

function setDefaults(deployment: Deployment): void {
  deployment.spec ??= {} as Spec; // what is missing is for validation to report
  const { spec } = deployment;
  spec.replicas ??= 1;
  spec.strategy ??= {};
  spec.strategy.type ||= 'RollingUpdate';
  if (spec.strategy.type === 'RollingUpdate') {
    spec.strategy.rollingUpdate ??= {};
    spec.strategy.rollingUpdate.maxUnavailable ??= '25%';
    spec.strategy.rollingUpdate.maxSurge ??= '25%';
  }
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
  spec.template ??= {};
  defaultPodTemplate(spec.template);
}

function validateRollout({ strategy }: Spec): StatusCause[] {
  const field = 'spec.strategy';
  const rolling = strategy?.rollingUpdate;
  if (strategy?.type === 'Recreate') {
    const rule = "may not be specified when strategy `type` is 'Recreate'";
    return rolling ? [forbiddenField(`${field}.rollingUpdate`, rule)] : [];
  }
  if (strategy?.type !== 'RollingUpdate') {
    return [notSupported(field, strategy?.type ?? '', ['Recreate', 'RollingUpdate'])];
  }
  if (!rolling) return [required(`${field}.rollingUpdate`, 'this should be defaulted and never be nil')];
  const at = `${field}.rollingUpdate`;
  const { maxSurge, maxUnavailable } = rolling;
  const causes = validateIntOrPercent(maxUnavailable, `${at}.maxUnavailable`);
  causes.push(...validateIntOrPercent(maxSurge, `${at}.maxSurge`));
  if (isZero(maxUnavailable) && isZero(maxSurge)) {
    causes.push(invalidValue(`${at}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
  }
  return [...causes, ...notMoreThanAll(maxUnavailable, `${at}.maxUnavailable`)];
}

/** Upstream: ValidateDeploymentSpec in pkg/apis/apps/validation. */
function validateSpec(spec: Spec): StatusCause[] {
  const { minReadySeconds = 0, progressDeadlineSeconds: deadline } = spec;
  const causes = [
    ...nonNegative('spec.replicas', spec.replicas),
    ...validateSelectedTemplate(spec, 'spec', { owner: 'ReplicaSet', emptySelector: 'deployment' }),
    ...validateRollout(spec),
    ...nonNegative('spec.minReadySeconds', minReadySeconds),
    ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
    ...nonNegative('spec.progressDeadlineSeconds', deadline),
  ];
  if (deadline !== undefined && deadline <= minReadySeconds) {
    causes.push(invalidValue('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds'));
  }
  return causes;
}

const counts = {
  all: [
    'observedGeneration',
    'replicas',
    'updatedReplicas',
    'readyReplicas',
    'availableReplicas',
    'unavailableReplicas',
    'terminatingReplicas',
    'collisionCount',
  ],
  parts: ['updatedReplicas', 'readyReplicas', 'availableReplicas'],
};

function validateCollisions({ status }: Deployment, old: Deployment): StatusCause[] {
  const [now, before] = [status?.collisionCount, old.status?.collisionCount];
  if (before === undefined || (now !== undefined && now >= before)) return [];
  return [invalidValue('status.collisionCount', now, 'cannot be decremented')];
}

/** Upstream: pkg/registry/apps/deployment/strategy.go. */
export const deploymentStrategy = defineStrategy<Deployment>({
  default: setDefaults,
  prepareForCreate(object) {
    delete object.status;
    object.metadata.generation = 1;
  },
  prepareForUpdate(object, old, { subresource }) {
    if (subresource === 'status') {
      keepSpec(object, old);
      if (old.metadata.labels) object.metadata.labels = { ...old.metadata.labels };
      else delete object.metadata.labels;
      return;
    }
    keepStatus(object, old);
    // Annotations count, because they are copied to the ReplicaSets.
    const annotated = !isDeepStrictEqual(object.metadata.annotations ?? {}, old.metadata.annotations ?? {});
    countGeneration(object, old, annotated || undefined);
  },
  validate: ({ spec, status }, { subresource }) =>
    subresource === 'status' ? validateCounts(status ?? {}, counts) : validateSpec(spec ?? ({} as Spec)), // reports what is missing
  validateUpdate(object, old, { subresource }) {
    if (subresource === 'status') return validateCollisions(object, old);
    const [selector, before] = [object.spec?.selector, old.spec?.selector];
    return isDeepStrictEqual(selector, before) ? [] : [invalidValue('spec.selector', selector, 'field is immutable')];
  },
  warnings: (object, old) => [
    ...(old ? [] : nameWarnings(object.metadata.name)),
    ...(isNews(object, old) ? templateWarnings(object.spec?.template ?? {}, 'spec.template') : []),
  ],
});
