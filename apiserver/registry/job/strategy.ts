import type { Job } from '@skiff/api/types';
import { defineStrategy } from '../define-strategy.ts';
import { isNews, nameWarnings } from '../pod-template/warnings.ts';
import { specAndStatus } from '../spec-and-status.ts';
import { defaultJob, takeLabels } from './defaults.ts';
import { generateSelector } from './selector.ts';
import { validateJobStatusUpdate } from './status-validation.ts';
import { validateJob, validateJobUpdate } from './validation.ts';
import { jobWarnings } from './warnings.ts';

const { prepareForCreate, prepareForUpdate } = specAndStatus();

/** Upstream: pkg/registry/batch/job/strategy.go. */
export const jobStrategy = defineStrategy<Job>({
  orphansDependents: true,
  fields: { 'status.successful': ({ status }) => String(status?.succeeded ?? 0) },
  default: defaultJob,
  prepareForCreate(job, context) {
    prepareForCreate(job, context);
    generateSelector(job);
    takeLabels(job);
  },
  prepareForUpdate,
  validate: (job, { subresource }) => (subresource === 'status' ? [] : validateJob(job)),
  validateUpdate: (job, old, { subresource }) =>
    subresource === 'status' ? validateJobStatusUpdate(job, old) : validateJobUpdate(job, old),
  deleteWarnings: ({ propagationPolicy, orphanDependents }) =>
    propagationPolicy === undefined && orphanDependents === undefined
      ? [
          'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
        ]
      : [],
  warnings: (job, old) => [
    ...(old ? [] : nameWarnings(job.metadata.name)),
    ...(isNews(job, old) ? jobWarnings(job.spec, 'spec') : []),
  ],
});
