import {
  duplicate,
  invalidBy,
  invalidValue,
  notSupported,
  omittedValue,
  oneOf,
  required,
  tooManyItems,
} from '@skiff/api/causes';
import { qualifiedName } from '@skiff/api/names';
import type { StatusCause } from '@skiff/api/status';
import type { JobSpec } from './defaults.ts';

type Rule = NonNullable<JobSpec['podFailurePolicy']>['rules'][number];

const most = { rules: 20, values: 255, patterns: 20 };
const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore'];

/** Upstream: validatePodFailurePolicy. */
export function validateFailurePolicy(spec: JobSpec, root: string): StatusCause[] {
  const rules = spec.podFailurePolicy?.rules ?? [];
  const field = `${root}.podFailurePolicy.rules`;
  const { containers, initContainers } = spec.template?.spec ?? {};
  // Null stands for none, as everywhere in what was read from the store.
  const names = [...(containers ?? []), ...(initContainers ?? [])].map(({ name }) => name);
  return [
    ...(rules.length > most.rules ? [tooManyItems(field, rules.length, most.rules)] : []),
    ...rules.flatMap((rule, index) => validateRule(rule, `${field}[${index}]`, { spec, names })),
  ];
}

function validateRule(rule: Rule, field: string, job: { spec: JobSpec; names: readonly string[] }): StatusCause[] {
  const { action, onExitCodes, onPodConditions = [] } = rule;
  const causes: StatusCause[] = [];
  if (action === 'FailIndex' && job.spec.backoffLimitPerIndex === undefined) {
    causes.push(invalidValue(`${field}.action`, action, 'requires the backoffLimitPerIndex to be set'));
  } else causes.push(...oneOf(`${field}.action`, action, actions));
  if (onExitCodes) causes.push(...validateExitCodes(onExitCodes, `${field}.onExitCodes`, job.names));
  causes.push(...validatePatterns(onPodConditions, `${field}.onPodConditions`));
  if (onExitCodes && onPodConditions.length) {
    causes.push(invalidValue(field, omittedValue, 'specifying both OnExitCodes and OnPodConditions is not supported'));
  } else if (!onExitCodes && !onPodConditions.length) {
    causes.push(invalidValue(field, omittedValue, 'specifying one of OnExitCodes and OnPodConditions is required'));
  }
  return causes;
}

function validatePatterns(patterns: NonNullable<Rule['onPodConditions']>, field: string): StatusCause[] {
  const statuses = ['False', 'True', 'Unknown'];
  return [
    ...(patterns.length > most.patterns ? [tooManyItems(field, patterns.length, most.patterns)] : []),
    ...patterns.flatMap(({ type, status }, index) => [
      ...invalidBy(qualifiedName, `${field}[${index}].type`, type ?? ''),
      ...oneOf(`${field}[${index}].status`, status, statuses),
    ]),
  ];
}

function validateExitCodes(
  { operator, containerName, values: given }: NonNullable<Rule['onExitCodes']>,
  field: string,
  names: readonly string[],
): StatusCause[] {
  const values = given ?? []; // likewise
  const causes = oneOf(`${field}.operator`, operator, ['In', 'NotIn']);
  if (containerName !== undefined && !names.includes(containerName)) {
    const rule = 'must be one of the container or initContainer names in the pod template';
    causes.push(invalidValue(`${field}.containerName`, containerName, rule));
  }
  const path = `${field}.values`;
  if (!values.length) causes.push(invalidValue(path, values, 'at least one value is required'));
  if (values.length > most.values) causes.push(tooManyItems(path, values.length, most.values));
  for (const [index, value] of values.entries()) {
    const rule = 'must not be 0 for the In operator';
    if (operator === 'In' && value === 0) causes.push(invalidValue(`${path}[${index}]`, value, rule));
    if (values.indexOf(value) < index) causes.push(duplicate(`${path}[${index}]`, value));
  }
  const ordered = values.every((value, index) => index === 0 || (values[index - 1] ?? 0) <= value);
  return ordered ? causes : [...causes, invalidValue(path, values, 'must be ordered')];
}

/** With a failure policy, a Pod is replaced only once it has failed. */
export function validateReplacement(spec: JobSpec, root: string): StatusCause[] {
  const { podReplacementPolicy: policy, podFailurePolicy } = spec;
  const supported = podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed'];
  if (policy === undefined || supported.includes(policy)) return [];
  return [notSupported(`${root}.podReplacementPolicy`, policy, supported)];
}

/** Jobs end, so their Pods may not restart for ever. */
export function validateRestartPolicy(spec: JobSpec, root: string): StatusCause[] {
  const field = `${root}.template.spec.restartPolicy`;
  const policy = spec.template.spec?.restartPolicy;
  const supported = ['OnFailure', 'Never'];
  if (!policy || policy === 'Always') return [required(field, 'valid values: "OnFailure", "Never"')];
  if (!supported.includes(policy)) return [notSupported(field, policy, supported)];
  if (spec.podFailurePolicy && policy !== 'Never') {
    return [invalidValue(field, policy, 'only "Never" is supported when podFailurePolicy is specified')];
  }
  return [];
}
