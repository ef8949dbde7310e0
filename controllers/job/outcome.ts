import { parseIndexes } from '@skiff/api/index-ranges';
import type { Job, Pod } from '@skiff/api/types';
import { isActive, isIndexed, type JobSpec } from './job-pods.ts';
import type { Tally } from './tally.ts';

/** How a Job ends: whether it has failed, and the reason and message of its last condition. */
export interface Outcome {
  readonly failed: boolean;
  readonly reason: string;
  readonly message: string;
}

type Conditions = NonNullable<NonNullable<Job['status']>['conditions']>;

const conditionOf = (conditions: Conditions, type: string): Conditions[number] | undefined =>
  conditions.find((condition) => condition.type === type && condition.status === 'True');

/** The condition with which a Job is over, if it is. */
export const finalCondition = ({ status }: Job): Conditions[number] | undefined =>
  conditionOf(status?.conditions ?? [], 'Complete') ?? conditionOf(status?.conditions ?? [], 'Failed');

/** What was announced already stands. */
function announced({ status }: Job): Outcome | undefined {
  const conditions = status?.conditions ?? [];
  const failing = conditionOf(conditions, 'FailureTarget');
  const met = failing ?? conditionOf(conditions, 'SuccessCriteriaMet');
  return met && { failed: failing !== undefined, reason: met.reason ?? '', message: met.message ?? '' };
}

const failure = (reason: string, message: string): Outcome => ({ failed: true, reason, message });

/** Restarts of containers count where Pods restart them themselves. */
function restarts(spec: JobSpec, pods: readonly Pod[]): number {
  if (spec.template.spec?.restartPolicy !== 'OnFailure') return 0;
  const statuses = pods
    .filter(isActive)
    .flatMap(({ status }) => [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]);
  return statuses.reduce((sum, { restartCount }) => sum + restartCount, 0);
}

function isPastBackoff(spec: JobSpec, failed: number, pods: readonly Pod[]): boolean {
  const limit = spec.backoffLimit ?? 6;
  const restarted = restarts(spec, pods);
  return failed > limit || (restarted > 0 && restarted >= Math.max(limit, 1));
}

function failureOf(job: Job, counted: Tally, given: { pods: readonly Pod[]; now: number }): Outcome | undefined {
  const spec = job.spec ?? ({ template: {} } satisfies JobSpec);
  if (counted.fatal !== undefined) return failure('PodFailurePolicy', counted.fatal);
  if (isPastBackoff(spec, counted.failed + counted.uncounted.failed.length, given.pods)) {
    return failure('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  }
  const deadlineMs = untilDeadline(job, given.now);
  if (deadlineMs !== undefined && deadlineMs <= 0) {
    return failure('DeadlineExceeded', 'Job was active longer than specified deadline');
  }
  if (!isIndexed(job) || counted.failedIndexes.length === 0) return undefined;
  if (spec.maxFailedIndexes !== undefined && counted.failedIndexes.length > spec.maxFailedIndexes) {
    return failure('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes');
  }
  const done = counted.completedIndexes.length + counted.failedIndexes.length;
  return done >= (spec.completions ?? 0) ? failure('FailedIndexes', 'Job has failed indexes') : undefined;
}

/** Milliseconds until the Job has been active for too long; undefined where it may take its time. */
export function untilDeadline({ spec, status }: Job, now: number): number | undefined {
  if (spec?.activeDeadlineSeconds === undefined || spec.suspend || !status?.startTime) return undefined;
  return Date.parse(status.startTime) + spec.activeDeadlineSeconds * 1000 - now;
}

function successOf(job: Job, counted: Tally, active: number): Outcome | undefined {
  const { completions, successPolicy } = job.spec ?? {};
  for (const [index, { succeededIndexes, succeededCount }] of (successPolicy?.rules ?? []).entries()) {
    const named = succeededIndexes === undefined ? undefined : parseIndexes(succeededIndexes, completions ?? 0);
    const indexes = named?.valid ? named.indexes : undefined;
    const done = counted.completedIndexes.filter((one) => !indexes || indexes.includes(one)).length;
    if (done < (succeededCount ?? indexes?.length ?? Number.POSITIVE_INFINITY)) continue;
    return { failed: false, reason: 'SuccessPolicy', message: `Matched rules at index ${index}` };
  }
  const succeeded = counted.succeeded + counted.uncounted.succeeded.length;
  const complete = completions === undefined ? succeeded > 0 && active === 0 : succeeded >= completions;
  if (!complete) return undefined;
  return { failed: false, reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' };
}

/** How the Job ends, as soon as that is clear. */
export function outcomeOf(
  job: Job,
  counted: Tally,
  given: { readonly pods: readonly Pod[]; readonly now: number },
): Outcome | undefined {
  const active = given.pods.filter(isActive).length;
  return announced(job) ?? failureOf(job, counted, given) ?? successOf(job, counted, active);
}
