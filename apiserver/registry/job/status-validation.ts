import { isDeepStrictEqual } from 'node:util';
import { duplicate, invalidValue, omittedValue, required } from '@skiff/api/causes';
import { parseIndexes } from '@skiff/api/index-ranges';
import type { StatusCause } from '@skiff/api/status';
import type { Job } from '@skiff/api/types';
import { nonNegativeCounts } from '../workloads/status.ts';

type Status = NonNullable<Job['status']>;
type Condition = 'Complete' | 'Failed' | 'FailureTarget' | 'SuccessCriteriaMet' | 'Suspended';

const has = (status: Status, type: Condition, as = 'True'): boolean =>
  status.conditions?.some((condition) => condition.type === type && condition.status === as) ?? false;
const isFinished = (status: Status): boolean => has(status, 'Complete') || has(status, 'Failed');

const wrongConditions = (detail: string): StatusCause => invalidValue('status.conditions', omittedValue, detail);

/** What a write changes. Who does not change what is wrong may go on. */
class Change {
  readonly job: Job;
  readonly now: Status;
  readonly before: Status;

  constructor(job: Job, old: Job) {
    this.job = job;
    this.now = job.status ?? {};
    this.before = old.status ?? {};
  }

  of(...names: readonly (keyof Status)[]): boolean {
    return names.some((name) => !isDeepStrictEqual(this.now[name], this.before[name]));
  }

  turns(...types: readonly Condition[]): boolean {
    return types.some((type) => has(this.now, type) !== has(this.before, type));
  }

  get finishes(): boolean {
    return isFinished(this.now) !== isFinished(this.before);
  }
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

function validateCompletion(change: Change): StatusCause[] {
  const { now } = change;
  const { startTime, completionTime } = now;
  const field = 'status.completionTime';
  const complete = has(now, 'Complete');
  const changed = change.turns('Complete') || change.of('completionTime');
  const causes: StatusCause[] = [];
  if (complete && has(now, 'Failed') && change.turns('Complete', 'Failed')) {
    causes.push(wrongConditions('cannot set Complete=True and Failed=true conditions'));
  }
  if (complete && has(now, 'FailureTarget') && change.turns('Complete', 'FailureTarget')) {
    causes.push(wrongConditions('cannot set Complete=True and FailureTarget=true conditions'));
  }
  if (changed && completionTime && !complete) {
    const rule = 'cannot set completionTime when there is no Complete=True condition';
    causes.push(invalidValue(field, completionTime, rule));
  }
  if (changed && !completionTime && complete) {
    causes.push(required(field, 'completionTime is required for Complete jobs'));
  }
  const timed = change.of('startTime', 'completionTime');
  if (timed && startTime && completionTime && Date.parse(completionTime) < Date.parse(startTime)) {
    causes.push(invalidValue(field, completionTime, 'must be equal to or after `startTime`'));
  }
  return causes;
}

/** The conditions that announce final ones, and the fields of a Job that is at its end. */
function validateEnd(change: Change): StatusCause[] {
  const { now } = change;
  const { active = 0, startTime, uncountedTerminatedPods: uncounted } = now;
  const { spec } = change.job;
  const causes: StatusCause[] = [];
  if (has(now, 'Failed') && !has(now, 'FailureTarget') && (change.turns('Failed') || change.of('failedIndexes'))) {
    causes.push(wrongConditions('cannot set Failed=True condition without the FailureTarget=true condition'));
  }
  if (has(now, 'Complete') && !has(now, 'SuccessCriteriaMet') && change.turns('Complete', 'SuccessCriteriaMet')) {
    causes.push(wrongConditions('cannot set Complete=True condition without the SuccessCriteriaMet=true condition'));
  }
  if (!isFinished(now)) return causes;
  if (active > 0 && (change.finishes || change.of('active'))) {
    causes.push(invalidValue('status.active', active, 'active>0 is invalid for finished job'));
  }
  const neverRan = spec?.suspend && spec.completions === 0;
  if (!startTime && !neverRan && (change.finishes || change.of('startTime'))) {
    causes.push(required('status.startTime', 'startTime is required for finished job'));
  }
  const left = (uncounted?.failed?.length ?? 0) + (uncounted?.succeeded?.length ?? 0);
  if (left > 0 && (change.finishes || change.of('uncountedTerminatedPods'))) {
    causes.push(invalidValue('status.uncountedTerminatedPods', uncounted, 'must be empty for finished job'));
  }
  return causes;
}

function validateIndexes(change: Change): StatusCause[] {
  const { completions, completionMode, backoffLimitPerIndex } = change.job.spec ?? {};
  const { completedIndexes = '', failedIndexes } = change.now;
  const completed = parseIndexes(completedIndexes, completions ?? 0);
  const failed = parseIndexes(failedIndexes ?? '', completions ?? 0);
  const [completedField, failedField] = ['status.completedIndexes', 'status.failedIndexes'];
  const causes: StatusCause[] = [];
  const changed = { completed: change.of('completedIndexes'), failed: change.of('failedIndexes') };
  if (changed.completed && completions !== undefined && !completed.valid) {
    causes.push(invalidValue(completedField, completedIndexes, `error parsing completedIndexes: ${completed.why}`));
  }
  if (changed.failed && completions !== undefined && backoffLimitPerIndex !== undefined && !failed.valid) {
    causes.push(invalidValue(failedField, failedIndexes, `error parsing failedIndexes: ${failed.why}`));
  }
  if (changed.completed && completedIndexes && completionMode !== 'Indexed') {
    const rule = 'cannot set non-empty completedIndexes when non-indexed completion mode';
    causes.push(invalidValue(completedField, completedIndexes, rule));
  }
  if (changed.failed && failedIndexes !== undefined && backoffLimitPerIndex === undefined) {
    const rule = 'cannot set non-null failedIndexes when backoffLimitPerIndex is null';
    causes.push(invalidValue(failedField, failedIndexes, rule));
  }
  if ((changed.completed || changed.failed) && completed.valid && failed.valid) {
    const both = failed.indexes.find((index) => completed.indexes.includes(index));
    const rule = `failedIndexes and completedIndexes overlap at index: ${both}`;
    if (both !== undefined) causes.push(invalidValue(failedField, failedIndexes, rule));
  }
  return causes;
}

function validatePods(change: Change): StatusCause[] {
  const { active = 0, terminating = 0, ready = 0 } = change.now;
  const causes: StatusCause[] = [];
  if (terminating > 0 && isFinished(change.now) && (change.finishes || change.of('terminating'))) {
    causes.push(invalidValue('status.terminating', terminating, 'terminating>0 is invalid for finished job'));
  }
  if (ready > active && change.of('ready', 'active')) {
    causes.push(invalidValue('status.ready', ready, 'cannot set more ready pods than active'));
  }
  return causes;
}

function validateSuccess({ now, job }: Change): StatusCause[] {
  const met = has(now, 'SuccessCriteriaMet');
  const causes: StatusCause[] = [];
  if (met && has(now, 'Failed')) {
    causes.push(wrongConditions('cannot set SuccessCriteriaMet=True and Failed=true conditions'));
  }
  if (met && has(now, 'FailureTarget')) {
    causes.push(wrongConditions('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'));
  }
  if (job.spec?.successPolicy && !met && has(now, 'Complete')) {
    const rule = 'cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True';
    causes.push(wrongConditions(rule));
  }
  return causes;
}

/** What a Job has reached it keeps. */
function validateProgress(change: Change): StatusCause[] {
  const { now, before, job } = change;
  const { completionMode, completions, parallelism, suspend } = job.spec ?? {};
  const loses = (type: Condition): boolean => has(before, type) && !has(now, type);
  const causes = (['Failed', 'Complete', 'FailureTarget'] as const)
    .filter(loses)
    .map((type) => wrongConditions(`cannot disable the terminal ${type}=True condition`));
  for (const name of ['failed', 'succeeded'] as const) {
    // Indexed Jobs may be scaled down.
    if (name === 'succeeded' && completionMode === 'Indexed' && completions === parallelism) continue;
    const value = now[name] ?? 0;
    if (value >= (before[name] ?? 0)) continue;
    causes.push(invalidValue(`status.${name}`, value, `cannot decrease the ${name} counter`));
  }
  if (now.completionTime && before.completionTime && change.of('completionTime')) {
    causes.push(invalidValue('status.completionTime', now.completionTime, 'field is immutable'));
  }
  const resumes = has(before, 'Suspended') && has(now, 'Suspended', 'False');
  if (before.startTime && change.of('startTime') && !suspend && !resumes) {
    causes.push(required('status.startTime', 'startTime cannot be removed for unsuspended job'));
  }
  if (loses('SuccessCriteriaMet')) causes.push(wrongConditions('cannot disable the SuccessCriteriaMet=True condition'));
  if (has(before, 'Complete') && !has(before, 'SuccessCriteriaMet') && has(now, 'SuccessCriteriaMet')) {
    const rule = 'cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions';
    causes.push(wrongConditions(rule));
  }
  return causes;
}

/** Upstream: ValidateJobStatusUpdate with the options of the strategy. */
export function validateJobStatusUpdate(job: Job, old: Job): StatusCause[] {
  const change = new Change(job, old);
  return [
    ...nonNegativeCounts(change.now, ['active', 'succeeded', 'failed', 'ready', 'terminating']),
    ...validateUncounted(change.now),
    ...validateCompletion(change),
    ...validateEnd(change),
    ...validateIndexes(change),
    ...validatePods(change),
    ...validateSuccess(change),
    ...validateProgress(change),
  ];
}
