import { invalidBy, invalidValue, nonNegative, notSupported, required } from '@skiff/api/causes';
import { pathSegmentName } from '@skiff/api/names';
import { validateLabelSelector } from '@skiff/api/selectors/label-selector-rules';
import type { StatusCause } from '@skiff/api/status';
import type { HorizontalPodAutoscaler } from '@skiff/api/types';
import { validatePositive } from '../resource-names.ts';
import { nonNegativeCounts } from '../workloads/status.ts';

type Spec = NonNullable<HorizontalPodAutoscaler['spec']>;
type Metric = NonNullable<Spec['metrics']>[number];
type Target = NonNullable<Metric['resource']>['target'];
type ScalingRules = NonNullable<NonNullable<Spec['behavior']>['scaleUp']>;

const most = { stabilization: 3600, period: 1800 };

function named(value: string | undefined, field: string): StatusCause[] {
  return value ? invalidBy(pathSegmentName, field, value) : [required(field)];
}

const validateReference = (reference: { kind?: string; name?: string } | undefined, field: string): StatusCause[] => [
  ...named(reference?.kind, `${field}.kind`),
  ...named(reference?.name, `${field}.name`),
];

const targetTypes = ['Utilization', 'Value', 'AverageValue'];

function validateTarget(target: Target | undefined, field: string): StatusCause[] {
  if (!target?.type) return [required(`${field}.type`, 'must specify a metric target type')];
  const { type, value, averageValue, averageUtilization } = target;
  const causes: StatusCause[] = [];
  if (!targetTypes.includes(type)) {
    causes.push(invalidValue(`${field}.type`, type, 'must be either Utilization, Value, or AverageValue'));
  }
  if (value !== undefined) causes.push(...validatePositive(value, `${field}.value`));
  if (averageValue !== undefined) causes.push(...validatePositive(averageValue, `${field}.averageValue`));
  if (averageUtilization !== undefined && averageUtilization < 1) {
    causes.push(invalidValue(`${field}.averageUtilization`, averageUtilization, 'must be greater than 0'));
  }
  return causes;
}

/** A resource's target is a share of what is asked for, or an amount. */
function validateResourceTarget(target: Target | undefined, field: string): StatusCause[] {
  const causes = validateTarget(target, field);
  const { averageUtilization: share, averageValue: amount, value } = target ?? {};
  if (value !== undefined)
    causes.push(invalidValue(`${field}.value`, value, 'must not set value for resource metrics'));
  if (share === undefined && amount === undefined) {
    const rule = 'must set either a target raw value or a target utilization';
    causes.push(required(`${field}.averageUtilization`, rule));
  }
  if (share !== undefined && amount !== undefined) {
    const rule = 'may not set both a target raw value and a target utilization';
    causes.push({ ...required(`${field}.averageValue`, rule), reason: 'FieldValueForbidden' });
  }
  return causes;
}

interface Identified {
  readonly metric?: { readonly name?: string; readonly selector?: Parameters<typeof validateLabelSelector>[0] };
  readonly target?: Target;
}

const validateIdentified = (source: Identified, field: string): StatusCause[] => [
  ...named(source.metric?.name, `${field}.metric.name`),
  ...validateLabelSelector(source.metric?.selector, `${field}.metric.selector`),
  ...validateTarget(source.target, `${field}.target`),
];

function validateSource(metric: Metric, field: string): StatusCause[] {
  const { resource, containerResource, pods, object, external } = metric;
  switch (metric.type) {
    case 'Resource':
      if (!resource) return [required(`${field}.resource`, 'must populate information for the given metric source')];
      return [
        ...(resource.name ? [] : [required(`${field}.resource.name`, 'must specify a resource name')]),
        ...validateResourceTarget(resource.target, `${field}.resource.target`),
      ];
    case 'ContainerResource':
      if (!containerResource) return [required(`${field}.containerResource`)];
      return [
        ...(containerResource.name ? [] : [required(`${field}.containerResource.name`)]),
        ...(containerResource.container ? [] : [required(`${field}.containerResource.container`)]),
        ...validateResourceTarget(containerResource.target, `${field}.containerResource.target`),
      ];
    case 'Pods':
      return pods ? validateIdentified(pods, `${field}.pods`) : [required(`${field}.pods`)];
    case 'Object':
      if (!object) return [required(`${field}.object`)];
      return [
        ...validateReference(object.describedObject, `${field}.object.describedObject`),
        ...validateIdentified(object, `${field}.object`),
      ];
    case 'External':
      return external ? validateIdentified(external, `${field}.external`) : [required(`${field}.external`)];
    default: {
      const types = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];
      return [metric.type ? notSupported(`${field}.type`, metric.type, types) : required(`${field}.type`)];
    }
  }
}

function validateRules(rules: ScalingRules | undefined, field: string): StatusCause[] {
  if (!rules) return [];
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [] } = rules;
  const causes = nonNegative(`${field}.stabilizationWindowSeconds`, window);
  if ((window ?? 0) > most.stabilization) {
    const rule = `must be less than or equal to ${most.stabilization}`;
    causes.push(invalidValue(`${field}.stabilizationWindowSeconds`, window, rule));
  }
  const selections = ['Disabled', 'Max', 'Min'];
  if (selectPolicy !== undefined && !selections.includes(selectPolicy)) {
    causes.push(notSupported(`${field}.selectPolicy`, selectPolicy, selections));
  }
  if (!policies.length) causes.push(required(`${field}.policies`, 'must specify at least one Policy'));
  for (const [index, { type, value, periodSeconds }] of policies.entries()) {
    const path = `${field}.policies[${index}]`;
    if (type !== 'Pods' && type !== 'Percent') causes.push(notSupported(`${path}.type`, type, ['Percent', 'Pods']));
    if (value <= 0) causes.push(invalidValue(`${path}.value`, value, 'must be greater than zero'));
    if (periodSeconds <= 0) {
      causes.push(invalidValue(`${path}.periodSeconds`, periodSeconds, 'must be greater than zero'));
    }
    if (periodSeconds > most.period) {
      const rule = `must be less than or equal to ${most.period}`;
      causes.push(invalidValue(`${path}.periodSeconds`, periodSeconds, rule));
    }
  }
  return causes;
}

/** Upstream: pkg/apis/autoscaling/validation. */
export function validateAutoscaler({ spec, status }: HorizontalPodAutoscaler, subresource: string): StatusCause[] {
  if (subresource === 'status') return nonNegativeCounts(status, ['currentReplicas', 'desiredReplicas']);
  if (!spec) return [required('spec')];
  const { minReplicas = 1, maxReplicas = 0, metrics = [], behavior } = spec;
  const causes: StatusCause[] = [];
  if (minReplicas < 1) {
    causes.push(invalidValue('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'));
  }
  if (maxReplicas < 1) causes.push(invalidValue('spec.maxReplicas', maxReplicas, 'must be greater than 0'));
  if (maxReplicas < minReplicas) {
    const rule = 'must be greater than or equal to `minReplicas`';
    causes.push(invalidValue('spec.maxReplicas', maxReplicas, rule));
  }
  return [
    ...causes,
    ...validateReference(spec.scaleTargetRef, 'spec.scaleTargetRef'),
    ...metrics.flatMap((metric, index) => validateSource(metric, `spec.metrics[${index}]`)),
    ...validateRules(behavior?.scaleUp, 'spec.behavior.scaleUp'),
    ...validateRules(behavior?.scaleDown, 'spec.behavior.scaleDown'),
  ];
}
