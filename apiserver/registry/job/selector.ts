import { invalidValue, required } from '@skiff/api/causes';
import { LabelSelector } from '@skiff/api/selectors/label-selector';
import type { StatusCause } from '@skiff/api/status';
import type { Job } from '@skiff/api/types';

const uidLabel = 'batch.kubernetes.io/controller-uid';
const nameLabel = 'batch.kubernetes.io/job-name';
const oldUidLabel = 'controller-uid';
const oldNameLabel = 'job-name';

/** The labels by which a Job knows its Pods: with the prefix, and as they were of old. */
function labelsOf({ metadata }: Job): Record<string, string> {
  const { uid = '', name } = metadata;
  return { [oldUidLabel]: uid, [oldNameLabel]: name, [uidLabel]: uid, [nameLabel]: name };
}

/**
 * Lets a Job select the Pods that it makes and no others, unless its creator does that (upstream: generateSelector). Labels that
 * are there already are for validation to refuse. Mutates.
 */
export function generateSelector(job: Job): void {
  const { spec } = job;
  if (!spec || spec.manualSelector) return;
  const labels = labelsOf(job);
  spec.template.metadata ??= {};
  spec.template.metadata.labels = { ...labels, ...spec.template.metadata.labels };
  spec.selector = {
    ...spec.selector,
    matchLabels: { [uidLabel]: labels[uidLabel] ?? '', ...spec.selector?.matchLabels },
  };
}

/** Upstream: validateGeneratedSelector. */
export function validateGeneratedSelector(job: Job): StatusCause[] {
  const { spec } = job;
  if (!spec?.selector || spec.manualSelector) return [];
  const expected = labelsOf(job);
  const given = spec.template.metadata?.labels ?? {};
  const field = 'spec.template.metadata.labels';
  const causes = Object.entries(expected).flatMap(([key, value]) => {
    if (given[key] === undefined) return [required(`${field}[${key}]`, `must be '${value}'`)];
    return given[key] === value ? [] : [invalidValue(`${field}[${key}]`, given, `must be '${value}'`)];
  });
  if (!matches(spec.selector, expected)) {
    causes.push(invalidValue('spec.selector', spec.selector, '`selector` not auto-generated'));
  }
  return causes;
}

function matches(selector: NonNullable<NonNullable<Job['spec']>['selector']>, labels: Record<string, string>): boolean {
  try {
    return LabelSelector.from(selector).matches(labels);
  } catch {
    // That it is malformed is told by its own rules.
    return true;
  }
}
