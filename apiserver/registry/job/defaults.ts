import type { Job } from '@skiff/api/types';
import { defaultPodTemplate } from '../pod-template/defaults.ts';

export type JobSpec = NonNullable<Job['spec']>;

/** As many as an int32 holds: no limit. */
const noLimit = 2 ** 31 - 1;

/** Fills in what a Job leaves open (upstream: SetDefaults_Job). Mutates. */
export function defaultJob(job: Job): void {
  job.spec ??= {} as JobSpec; // what is missing is for validation to report
  const { spec } = job;
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : noLimit;
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  spec.manualSelector ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed';
  defaultJobTemplate(spec);
  takeLabels(job);
}

/** What also the templates of CronJobs get. */
export function defaultJobTemplate(spec: JobSpec): void {
  for (const rule of spec.podFailurePolicy?.rules ?? []) {
    for (const pattern of rule.onPodConditions ?? []) pattern.status ||= 'True';
  }
  spec.template ??= {};
  defaultPodTemplate(spec.template);
}

/** A Job without labels has those of its Pods. */
export function takeLabels({ metadata, spec }: Job): void {
  const labels = spec?.template.metadata?.labels;
  if (labels && !Object.keys(metadata.labels ?? {}).length) metadata.labels = { ...labels };
}
