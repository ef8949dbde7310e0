import { duplicate, invalidValue, required } from '@skiff/api/causes';
import { parseIndexes } from '@skiff/api/index-ranges';
import type { StatusCause } from '@skiff/api/status';
import type { Job } from '@skiff/api/types';
import { nonNegativeCounts } from '../workloads/status.ts';

type Status = NonNullable<Job['status']>;
type Condition = 'Complete' | 'Failed' | 'FailureTarget' | 'SuccessCriteriaMet';

const has = (status: Status | undefined, type: Condition): boolean =>
  status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;

const exclusive: readonly (readonly [Condition, Condition])[] = [
  ['Complete', 'Failed'],
  ['Complete', 'FailureTarget'],
  ['SuccessCriteriaMet', 'Failed'],
  ['SuccessCriteriaMet', 'FailureTarget'],
];
/** The condition that a final one must have been announced by. */
const announced: readonly (readonly [Condition, Condition])[] = [
  ['Failed', 'FailureTarget'],
  ['Complete', 'SuccessCriteriaMet'],
];
const lasting: readonly Condition[] = ['Failed', 'Complete', 'FailureTarget', 'SuccessCriteriaMet'];

function validateConditions(status: Status): StatusCause[] {
  const field = 'status.conditions';
  const refuse = (detail: string): StatusCause => invalidValue(field, status.conditions, detail);
  return [
    ...exclusive
      .filter(([one, other]) => has(status, one) && has(status, other))
      .map(([one, other]) => refuse(`cannot set ${one}=True and ${other}=true conditions`)),
    ...announced
      .filter(([last, first]) => has(status, last) && !has(status, first))
      .map(([last, first]) => refuse(`cannot set ${last}=True condition without the ${first}=true condition`)),
  ];
}

function validateTimes(status: Status): StatusCause[] {
  const { startTime, completionTime } = status;
  const field = 'status.completionTime';
  const complete = has(status, 'Complete');
  const causes: StatusCause[] = [];
  if (completionTime && !complete) {
    const rule = 'cannot set completionTime when there is no Complete=True condition';
    causes.push(invalidValue(field, completionTime, rule));
  }
  if (!completionTime && complete) causes.push(required(field, 'completionTime is required for Complete jobs'));
  if (startTime && completionTime && Date.parse(completionTime) < Date.parse(startTime)) {
    causes.push(invalidValue(field, completionTime, 'completionTime cannot be set before startTime'));
  }
  if (!startTime && (complete || has(status, 'Failed'))) {
    causes.push(required('status.startTime', 'startTime is required for finished job'));
  }
  return causes;
}

function validateUncounted({ uncountedTerminatedPods: uncounted }: Status): StatusCause[] {
  const seen = new Set<string>();
  return (['succeeded', 'failed'] as const).flatMap((list) =>
    (uncounted?.[list] ?? []).flatMap((uid, index) => {
      const field = `status.uncountedTerminatedPods.${list}[${index}]`;
      if (uid === '') return [invalidValue(field, uid, 'must not be empty')];
      if (seen.has(uid)) return [duplicate(field, uid)];
      seen.add(uid);
      return [];
    }),
  );
}

function validateFinished(status: Status): StatusCause[] {
  if (!has(status, 'Complete') && !has(status, 'Failed')) return [];
  const { active = 0, terminating = 0, uncountedTerminatedPods: uncounted } = status;
  const causes: StatusCause[] = [];
  if (active > 0) causes.push(invalidValue('status.active', active, 'active>0 is invalid for finished job'));
  if (terminating > 0) {
    causes.push(invalidValue('status.terminating', terminating, 'terminating>0 is invalid for finished job'));
  }
  if (uncounted?.failed?.length || uncounted?.succeeded?.length) {
    const rule = 'uncountedTerminatedPods needs to be empty for finished job';
    causes.push(invalidValue('status.uncountedTerminatedPods', uncounted, rule));
  }
  return causes;
}

function validateIndexes({ spec, status }: Job): StatusCause[] {
  const { completedIndexes = '', failedIndexes } = status ?? {};
  const completions = spec?.completions ?? 0;
  const causes: StatusCause[] = [];
  if (completedIndexes && spec?.completionMode !== 'Indexed') {
    const rule = 'cannot set non-empty completedIndexes when non-indexed completion mode';
    causes.push(invalidValue('status.completedIndexes', completedIndexes, rule));
  }
  if (failedIndexes !== undefined && spec?.backoffLimitPerIndex === undefined) {
    const rule = 'cannot set non-null failedIndexes when backoffLimitPerIndex is null';
    causes.push(invalidValue('status.failedIndexes', failedIndexes, rule));
  }
  const completed = parseIndexes(completedIndexes, completions);
  const failed = parseIndexes(failedIndexes ?? '', completions);
  if (!completed.valid) {
    const rule = `error parsing completedIndexes: ${completed.why}`;
    causes.push(invalidValue('status.completedIndexes', completedIndexes, rule));
  }
  if (!failed.valid) {
    causes.push(invalidValue('status.failedIndexes', failedIndexes, `error parsing failedIndexes: ${failed.why}`));
  }
  if (completed.valid && failed.valid && failed.indexes.some((index) => completed.indexes.includes(index))) {
    const rule = 'failedIndexes and completedIndexes overlap';
    causes.push(invalidValue('status.failedIndexes', failedIndexes, rule));
  }
  return causes;
}

/** Upstream: validateJobStatus. */
export function validateJobStatus(job: Job): StatusCause[] {
  const { status } = job;
  if (!status) return [];
  const { ready = 0, active = 0 } = status;
  return [
    ...nonNegativeCounts(status, ['active', 'succeeded', 'failed', 'ready', 'terminating']),
    ...validateUncounted(status),
    ...validateConditions(status),
    ...validateTimes(status),
    ...validateFinished(status),
    ...validateIndexes(job),
    ...(ready > active ? [invalidValue('status.ready', ready, 'cannot set more ready pods than active')] : []),
  ];
}

/** Upstream: ValidateJobStatusUpdate. What a Job has reached it keeps. */
export function validateJobStatusUpdate(job: Job, old: Job): StatusCause[] {
  const { status } = job;
  const before = old.status;
  const causes = lasting
    .filter((type) => has(before, type) && !has(status, type))
    .map((type) => invalidValue('status.conditions', status?.conditions, `cannot disable the ${type}=True condition`));
  for (const name of ['failed', 'succeeded'] as const) {
    const value = status?.[name] ?? 0;
    if (value >= (before?.[name] ?? 0)) continue;
    causes.push(invalidValue(`status.${name}`, value, `cannot decrease the ${name} counter`));
  }
  if (status?.completionTime && before?.completionTime && status.completionTime !== before.completionTime) {
    causes.push(invalidValue('status.completionTime', status.completionTime, 'completionTime cannot be mutated'));
  }
  if (before?.startTime && status?.startTime !== before.startTime && !job.spec?.suspend) {
    causes.push(required('status.startTime', 'startTime cannot be removed for unsuspended job'));
  }
  return causes;
}
