import {
  invalidBy,
  invalidValue,
  nonNegative,
  notSupported,
  optionalOneOf,
  required,
  tooLongValue,
} from '@skiff/api/causes';
import { dns1123Label, domainPrefixedPath } from '@skiff/api/names';
import { validateLabelSelector } from '@skiff/api/selectors/label-selector-rules';
import type { StatusCause } from '@skiff/api/status';
import type { Job } from '@skiff/api/types';
import { validateImmutable } from '../immutable.ts';
import { validatePodTemplate } from '../pod-template/validation.ts';
import { validateSelects } from '../workloads/template.ts';
import type { JobSpec } from './defaults.ts';
import { validateFailurePolicy, validateReplacement, validateRestartPolicy } from './failure-policy.ts';
import { validateGeneratedSelector } from './selector.ts';
import { validateSuccessPolicy } from './success-policy.ts';

const maxIndexes = 100_000;
const maxHighCompletions = 10_000;
const maxManagedBy = 63;

const counts = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
] as const;

/** The rules of Jobs and of the Jobs that a CronJob makes (upstream: validateJobSpec). `root` is the path of the spec. */
export function validateJobSpec(spec: JobSpec, root: string): StatusCause[] {
  const { maxFailedIndexes, backoffLimitPerIndex, completionMode, managedBy } = spec;
  const causes = counts.flatMap((name) => nonNegative(`${root}.${name}`, spec[name]));
  if (maxFailedIndexes !== undefined && backoffLimitPerIndex === undefined) {
    causes.push(required(`${root}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'));
  }
  if (managedBy !== undefined) {
    causes.push(...invalidBy(domainPrefixedPath, `${root}.managedBy`, managedBy));
    if (managedBy.length > maxManagedBy) causes.push(tooLongValue(`${root}.managedBy`, maxManagedBy));
  }
  causes.push(...optionalOneOf(`${root}.completionMode`, completionMode, ['NonIndexed', 'Indexed']));
  if (completionMode === 'Indexed') causes.push(...validateIndexed(spec, root));
  else if (!completionMode || completionMode === 'NonIndexed') causes.push(...validateNotIndexed(spec, root));
  return [
    ...causes,
    ...validateFailurePolicy(spec, root),
    ...validateSuccessPolicy(spec, root),
    ...validateReplacement(spec, root),
    ...validatePodTemplate(spec.template, `${root}.template`),
    ...validateRestartPolicy(spec, root),
  ];
}

function validateIndexed(spec: JobSpec, root: string): StatusCause[] {
  const { completions, parallelism = 0, maxFailedIndexes: maxFailed, backoffLimitPerIndex } = spec;
  const causes: StatusCause[] = [];
  const atMost = (name: 'parallelism' | 'maxFailedIndexes', value: number, limit: number, why = ''): void => {
    if (value <= limit) return;
    causes.push(invalidValue(`${root}.${name}`, value, `must be less than or equal to ${limit}${why}`));
  };
  if (completions === undefined) causes.push(required(`${root}.completions`, 'when completion mode is Indexed'));
  atMost('parallelism', parallelism, maxIndexes, ' when completion mode is Indexed');
  if (completions !== undefined && maxFailed !== undefined && maxFailed > completions) {
    causes.push(invalidValue(`${root}.maxFailedIndexes`, maxFailed, 'must be less than or equal to completions'));
  }
  atMost('maxFailedIndexes', maxFailed ?? 0, maxIndexes);
  if ((completions ?? 0) > maxIndexes && backoffLimitPerIndex !== undefined) {
    const why = ` when completions are above ${maxIndexes} and used with backoff limit per index`;
    if (maxFailed === undefined) {
      const rule = `must be specified when completions is above ${maxIndexes}`;
      causes.push(required(`${root}.maxFailedIndexes`, rule));
    }
    atMost('parallelism', parallelism, maxHighCompletions, why);
    atMost('maxFailedIndexes', maxFailed ?? 0, maxHighCompletions, why);
  }
  return causes;
}

const validateNotIndexed = (spec: JobSpec, root: string): StatusCause[] =>
  (['backoffLimitPerIndex', 'maxFailedIndexes'] as const)
    .filter((name) => spec[name] !== undefined)
    .map((name) => invalidValue(`${root}.${name}`, spec[name], 'requires indexed completion mode'));

/** The last Pod of an Indexed Job must have a name that a host can have. */
function validateHostnames({ metadata, spec }: Job): StatusCause[] {
  if (spec?.completionMode !== 'Indexed' || !spec.completions || spec.completions < 0) return [];
  const hostname = `${metadata.name}-${spec.completions - 1}`;
  if (!dns1123Label(hostname).length) return [];
  const rule = `will not able to create pod with invalid DNS label: ${hostname}`;
  return [invalidValue('metadata.name', metadata.name, rule)];
}

/** Upstream: ValidateJob. */
export function validateJob(job: Job): StatusCause[] {
  const { spec } = job;
  if (!spec) return [required('spec')];
  return [...validateGeneratedSelector(job), ...validateSelectingSpec(spec), ...validateHostnames(job)];
}

/** Upstream: ValidateJobSpec. */
function validateSelectingSpec(spec: JobSpec): StatusCause[] {
  return [
    ...validateJobSpec(spec, 'spec'),
    ...(spec.selector ? validateLabelSelector(spec.selector, 'spec.selector') : [required('spec.selector')]),
    ...validateSelects(spec.selector, spec.template, 'spec.template'),
  ];
}

/** Upstream: ValidateJobTemplateSpec. */
export function validateJobTemplate(spec: JobSpec, root: string): StatusCause[] {
  const causes = validateJobSpec(spec, root);
  if (spec.selector) {
    causes.push(invalidValue(`${root}.selector`, spec.selector, '`selector` will be auto-generated'));
  }
  if (spec.manualSelector) causes.push(notSupported(`${root}.manualSelector`, true, ['nil', 'false']));
  return causes;
}

type PodSpec = NonNullable<JobSpec['template']['spec']>;

const isAtRest = ({ spec, status }: Job): boolean => spec?.suspend === true && !status?.active;

type Template = JobSpec['template'];

/** While a Job is suspended and has no Pods, its Pods may still be sent elsewhere (KEP-2926). */
function schedulable(job: Job, old: Job): Template | undefined {
  const before = old.spec?.template;
  if (!before || !isAtRest(old)) return before;
  const template = job.spec?.template;
  const { affinity, nodeSelector, tolerations, schedulingGates } = template?.spec ?? {};
  const spec = { ...before.spec, nodeSelector, tolerations, schedulingGates };
  const nodeAffinity = affinity?.nodeAffinity;
  const others = { ...before.spec?.affinity, nodeAffinity };
  const kept = Object.entries(others).some(([, value]) => value !== undefined) ? { affinity: others } : {};
  const { annotations, labels } = template?.metadata ?? {};
  return JSON.parse(
    JSON.stringify({
      ...before,
      metadata: { ...before.metadata, annotations, labels },
      spec: { ...spec, affinity: undefined, ...kept },
    }),
  );
}

function validateCompletions({ spec }: Job, { spec: before }: Job): StatusCause[] {
  const field = 'spec.completions';
  if (spec?.completionMode !== 'Indexed') return validateImmutable(spec?.completions, before?.completions, field);
  const { completions, parallelism } = spec;
  if (completions === before?.completions || completions === undefined || completions === parallelism) return [];
  return [invalidValue(field, completions, 'can only be modified in tandem with spec.parallelism')];
}

const immutable = ['completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'] as const;

/** As it was but for the resources of containers that are still there. */
function withResources(old: PodSpec | undefined, now: PodSpec | undefined): PodSpec | undefined {
  const lists = (['containers', 'initContainers'] as const).map((list) => {
    const containers = now?.[list];
    const before = old?.[list];
    if (containers?.length !== before?.length) return [list, before];
    return [
      list,
      before?.map((container, index) => {
        const { name, resources } = containers?.[index] ?? {};
        return name === container.name ? { ...container, resources } : container;
      }),
    ];
  });
  return { ...old, ...Object.fromEntries(lists) };
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? {}));

/** Upstream: validatePodTemplateUpdate. A Job that is suspended and has no Pods may ask for other resources (KEP-5440). */
function validateTemplateUpdate(job: Job, old: Job): StatusCause[] {
  const { template } = job.spec ?? {};
  const before = schedulable(job, old);
  if (!isAtRest(old)) return validateImmutable(plain(template), plain(before), 'spec.template');
  const allowed = withResources(before?.spec, template?.spec);
  return validateImmutable(plain(template?.spec), plain(allowed), 'spec.template.spec');
}

/** Upstream: ValidateJobSpecUpdate, which has the rules of the spec again. */
export function validateJobUpdate(job: Job, old: Job): StatusCause[] {
  const { spec } = job;
  return [
    ...(spec ? validateSelectingSpec(spec) : []),
    ...validateCompletions(job, old),
    ...validateImmutable(spec?.selector, old.spec?.selector, 'spec.selector'),
    ...validateTemplateUpdate(job, old),
    ...immutable.flatMap((name) => validateImmutable(spec?.[name], old.spec?.[name], `spec.${name}`)),
  ];
}
