import { invalidValue, nonNegative, required, tooLongValue, tooManyItems } from '@skiff/api/causes';
import { parseIndexes } from '@skiff/api/index-ranges';
import type { StatusCause } from '@skiff/api/status';
import type { JobSpec } from './defaults.ts';

type Rule = NonNullable<JobSpec['successPolicy']>['rules'][number];

const maxRules = 20;
const maxIndexesBytes = 64 * 1024;

/** When an Indexed Job is done before all of its indexes are (upstream: validateSuccessPolicy). */
export function validateSuccessPolicy(spec: JobSpec, root: string): StatusCause[] {
  const { successPolicy, completionMode, completions = 0 } = spec;
  if (!successPolicy) return [];
  const field = `${root}.successPolicy`;
  if (completionMode !== 'Indexed') return [invalidValue(field, successPolicy, 'requires indexed completion mode')];
  const { rules = [] } = successPolicy;
  const causes: StatusCause[] = [];
  if (!rules.length) {
    causes.push(required(`${field}.rules`, 'at least one rules must be specified when the successPolicy is specified'));
  }
  if (rules.length > maxRules) causes.push(tooManyItems(`${field}.rules`, rules.length, maxRules));
  return [...causes, ...rules.flatMap((rule, index) => validateRule(rule, `${field}.rules[${index}]`, completions))];
}

function validateRule({ succeededCount, succeededIndexes }: Rule, field: string, completions: number): StatusCause[] {
  if (succeededCount === undefined && succeededIndexes === undefined) {
    return [required(field, 'at least one of succeededCount or succeededIndexes must be specified')];
  }
  const causes: StatusCause[] = [];
  let named = completions;
  if (succeededIndexes !== undefined) {
    const path = `${field}.succeededIndexes`;
    if (succeededIndexes.length > maxIndexesBytes) causes.push(tooLongValue(path, maxIndexesBytes));
    const read = parseIndexes(succeededIndexes, completions);
    named = read.valid ? read.indexes.length : 0;
    if (!read.valid) causes.push(invalidValue(path, succeededIndexes, `error parsing succeededIndexes: ${read.why}`));
  }
  if (succeededCount === undefined) return causes;
  const path = `${field}.succeededCount`;
  causes.push(...nonNegative(path, succeededCount));
  if (succeededCount > completions) {
    const rule = `must be less than or equal to ${completions} (the number of specified completions)`;
    causes.push(invalidValue(path, succeededCount, rule));
  }
  if (succeededIndexes !== undefined && succeededCount > named) {
    const rule = `must be less than or equal to ${named} (the number of indexes in the specified succeededIndexes field)`;
    causes.push(invalidValue(path, succeededCount, rule));
  }
  return causes;
}
