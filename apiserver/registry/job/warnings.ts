import { templateWarnings } from '../pod-template/warnings.ts';
import type { JobSpec } from './defaults.ts';

const manyIndexes =
  'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail';

/** Upstream: pkg/api/job/warnings.go. */
export function jobWarnings(spec: JobSpec | undefined, field: string): string[] {
  const { completionMode, completions = 0, parallelism = 0, template = {} } = spec ?? {};
  const many = completionMode === 'Indexed' && completions > 100_000 && parallelism > 10_000;
  return [...(many ? [`${field}: ${manyIndexes}`] : []), ...templateWarnings(template, `${field}.template`)];
}
