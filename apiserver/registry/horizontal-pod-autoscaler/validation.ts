import { forbiddenField, invalidBy, invalidValue, nonNegative, notSupported, required } from '@skiff/api/causes';
import { pathSegmentName } from '@skiff/api/names';
import { Quantity } from '@skiff/api/quantity';
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

/** What a reference may lack: the group of its apiVersion; or anything, where it is as it was before there was a rule. */
interface ReferenceOptions {
  readonly anyVersion?: boolean;
  readonly noGroup?: boolean;
}

/** What is wrong with the apiVersion of a reference, if anything (upstream: ValidateAPIVersion). */
function versionFault(
  apiVersion: string,
  { anyVersion = false, noGroup = false }: ReferenceOptions,
): string | undefined {
  if (anyVersion) return undefined;
  const parts = apiVersion.split('/');
  if (parts.length > 2) return `unexpected GroupVersion string: ${apiVersion}`;
  return noGroup || (parts.length === 2 && parts[0]) ? undefined : 'apiVersion must specify API group';
}

/** Upstream: ValidateCrossVersionObjectReference. */
function validateReference(
  reference: { apiVersion?: string; kind?: string; name?: string } | undefined,
  field: string,
  options: ReferenceOptions,
): StatusCause[] {
  const { apiVersion = '', kind, name } = reference ?? {};
  const fault = versionFault(apiVersion, options);
  return [
    ...named(kind, `${field}.kind`),
    ...named(name, `${field}.name`),
    ...(fault ? [invalidValue(`${field}.apiVersion`, apiVersion, fault)] : []),
  ];
}

const targetTypes = ['Utilization', 'Value', 'AverageValue'];

function validateTarget(
  { type = '', value, averageValue, averageUtilization }: Partial<Target>,
  field: string,
): StatusCause[] {
  const causes = type ? [] : [required(`${field}.type`, 'must specify a metric target type')];
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
function validateResourceTarget(target: Partial<Target>, field: string): StatusCause[] {
  const causes = validateTarget(target, field);
  const { averageUtilization: share, averageValue: amount } = target;
  if (share === undefined && amount === undefined) {
    const rule = 'must set either a target raw value or a target utilization';
    causes.push(required(`${field}.averageUtilization`, rule));
  }
  if (share !== undefined && amount !== undefined) {
    const rule = 'may not set both a target raw value and a target utilization';
    causes.push(forbiddenField(`${field}.averageValue`, rule));
  }
  return causes;
}

interface Identified {
  readonly metric?: { readonly name?: string };
  readonly target?: Target;
}

const validateIdentified = ({ metric, target }: Identified, field: string): StatusCause[] => [
  ...named(metric?.name, `${field}.metric.name`),
  ...validateTarget(target ?? {}, `${field}.target`),
];

const hasAmount = ({ target }: Identified): boolean =>
  target?.value !== undefined || target?.averageValue !== undefined;

/** The rules of each source of metrics, in the order in which the first that is there is looked into. */
const sources: Readonly<Record<string, (metric: Metric, field: string) => StatusCause[]>> = {
  object: ({ object = {} as ObjectMetric }, field) => [
    ...validateReference(object.describedObject, `${field}.describedObject`, { noGroup: true }),
    ...validateIdentified(object, field),
    ...(hasAmount(object)
      ? []
      : [required(`${field}.target.averageValue`, 'must set either a target value or averageValue')]),
  ],
  external({ external = {} as External }, field) {
    const causes = validateIdentified(external, field);
    const { value, averageValue } = external.target ?? {};
    const either = 'must set either a target value for metric or a per-pod target';
    if (!hasAmount(external)) causes.push(required(`${field}.target.averageValue`, either));
    const both = 'may not set both a target value for metric and a per-pod target';
    if (value !== undefined && averageValue !== undefined) causes.push(forbiddenField(`${field}.target.value`, both));
    return causes;
  },
  pods: ({ pods = {} as Pods }, field) => [
    ...validateIdentified(pods, field),
    ...(pods.target?.averageValue === undefined
      ? [required(`${field}.target.averageValue`, 'must specify a positive target averageValue')]
      : []),
  ],
  resource: ({ resource }, field) => [
    ...(resource?.name ? [] : [required(`${field}.name`, 'must specify a resource name')]),
    ...validateResourceTarget(resource?.target ?? {}, `${field}.target`),
  ],
  containerResource: ({ containerResource }, field) => [
    ...(containerResource?.name ? [] : [required(`${field}.name`, 'must specify a resource name')]),
    ...(containerResource?.container ? [] : [required(`${field}.container`, 'must specify a container')]),
    ...validateResourceTarget(containerResource?.target ?? {}, `${field}.target`),
  ],
};

type ObjectMetric = NonNullable<Metric['object']>;
type External = NonNullable<Metric['external']>;
type Pods = NonNullable<Metric['pods']>;

/** The source that each type names. */
const sourceOf = (type: string): string => type.slice(0, 1).toLowerCase() + type.slice(1);
const metricTypes = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];

/** Upstream: validateMetricSpec. */
function validateMetric(metric: Metric, field: string): StatusCause[] {
  const { type = '' } = metric;
  const members = metric as Readonly<Record<string, unknown>>; // any object has named members
  const present = Object.keys(sources).filter((name) => members[name] !== undefined);
  const expected = metricTypes.includes(type) ? sourceOf(type) : undefined;
  const causes = type ? [] : [required(`${field}.type`, 'must specify a metric source type')];
  // Twice, as upstream: once of the type, once of what it should bring.
  const unknown = notSupported(`${field}.type`, type, metricTypes);
  if (!expected) causes.push(unknown);
  const [first] = present;
  if (first) causes.push(...(sources[first]?.(metric, `${field}.${first}`) ?? []));
  if (!expected) causes.push(unknown);
  else if (!present.includes(expected)) {
    causes.push(required(`${field}.${expected}`, 'must populate information for the given metric source'));
  }
  if (present.length === 1) return causes;
  const others = present.filter((name) => name !== expected);
  return [
    ...causes,
    ...others.map((name) => forbiddenField(`${field}.${name}`, 'must populate the given metric source only')),
  ];
}

function validateRules(rules: ScalingRules | undefined, field: string): StatusCause[] {
  if (!rules) return [];
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [], tolerance } = rules;
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
  if (tolerance !== undefined && Quantity.parse(tolerance).isNegative) {
    causes.push(invalidValue(`${field}.tolerance`, tolerance, 'must be greater than or equal to 0'));
  }
  return causes;
}

/** What is referred to as before needs no apiVersion of today. */
function referenceOptions(spec: Spec, old: Spec | undefined): ReferenceOptions {
  const [now, before] = [spec.scaleTargetRef, old?.scaleTargetRef];
  const anyVersion = old !== undefined && before?.kind === now?.kind && before?.apiVersion === now?.apiVersion;
  return { anyVersion, noGroup: now?.kind === 'ReplicationController' };
}

/** Upstream: pkg/apis/autoscaling/validation. */
export function validateAutoscaler(
  { spec, status }: HorizontalPodAutoscaler,
  old: HorizontalPodAutoscaler | undefined,
  subresource: string,
): StatusCause[] {
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
    ...validateReference(spec.scaleTargetRef, 'spec.scaleTargetRef', referenceOptions(spec, old?.spec)),
    ...metrics.flatMap((metric, index) => validateMetric(metric, `spec.metrics[${index}]`)),
    ...validateRules(behavior?.scaleUp, 'spec.behavior.scaleUp'),
    ...validateRules(behavior?.scaleDown, 'spec.behavior.scaleDown'),
  ];
}
