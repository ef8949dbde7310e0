import type { CronJob } from '@skiff/api/types';
import { defineStrategy } from '../define-strategy.ts';
import { defaultJobTemplate, type JobSpec } from '../job/defaults.ts';
import { jobWarnings } from '../job/warnings.ts';
import { isNews, nameWarnings } from '../pod-template/warnings.ts';
import { specAndStatus } from '../spec-and-status.ts';
import { validateCronJob, validateCronJobName } from './validation.ts';

function setDefaults(job: CronJob): void {
  job.spec ??= {} as NonNullable<CronJob['spec']>; // what is missing is for validation to report
  const { spec } = job;
  spec.concurrencyPolicy ||= 'Allow';
  spec.suspend ??= false;
  spec.successfulJobsHistoryLimit ??= 3;
  spec.failedJobsHistoryLimit ??= 1;
  spec.jobTemplate ??= {};
  spec.jobTemplate.spec ??= {} as JobSpec; // likewise
  defaultJobTemplate(spec.jobTemplate.spec);
}

/** Upstream: pkg/registry/batch/cronjob/strategy.go. */
export const cronJobStrategy = defineStrategy<CronJob>({
  ...specAndStatus(),
  default: setDefaults,
  validate: (job, { subresource }) => (subresource === 'status' ? [] : validateCronJob(job)),
  validateCreate: validateCronJobName,
  warnings: (job, old) => [
    ...(old ? [] : nameWarnings(job.metadata.name)),
    ...(isNews(job, old) ? jobWarnings(job.spec?.jobTemplate?.spec, 'spec.jobTemplate.spec') : []),
  ],
});
