import type { Job, Pod } from '@skiff/api/types';
import { isPodReady } from '../pod-state.ts';
import { wireTime } from '../wire-time.ts';
import {
  finishedAt,
  indexOf,
  inRemovalOrder,
  isActive,
  isFailed,
  isIndexed,
  isSucceeded,
  isTerminating,
} from './job-pods.ts';
import { type Outcome, outcomeOf, untilDeadline } from './outcome.ts';
import { indexStatus, type Tally, tally } from './tally.ts';

type Status = NonNullable<Job['status']>;
type Condition = NonNullable<Status['conditions']>[number];

/** A Pod to be made; of an Indexed Job with its index, and how often that failed before. */
export interface WantedPod {
  readonly index?: number;
  readonly failures?: number;
}

/** What is to be done now, in this order: the Pods that go and come, the status, the finalizers. */
export interface JobPlan {
  readonly delete: readonly Pod[];
  readonly create: readonly WantedPod[];
  readonly status: Status;
  readonly release: readonly Pod[];
  /** What to tell people: the type, reason and message of an Event. */
  readonly news: readonly (readonly ['Normal' | 'Warning', string, string])[];
  readonly afterMs?: number;
}

const firstBackoffMs = 10_000;
const longestBackoffMs = 600_000;

/** Milliseconds until a failed Pod may be replaced: longer with each failure since the last success. */
function untilRetry(job: Job, pods: readonly Pod[], now: number): number {
  const ended = pods
    .filter((pod) => isSucceeded(pod) || isFailed(job, pod))
    .sort((a, b) => finishedAt(b) - finishedAt(a));
  const lastSuccess = ended.findIndex(isSucceeded);
  const failures = lastSuccess < 0 ? ended.length : lastSuccess;
  const [latest] = ended;
  if (!latest || failures === 0) return 0;
  const backoff = Math.min(firstBackoffMs * 2 ** (failures - 1), longestBackoffMs);
  return Math.max(0, finishedAt(latest) + backoff - now);
}

/** How many Pods are to work at once. */
function wantedActive({ spec }: Job, counted: Tally, active: number): number {
  const parallelism = spec?.parallelism ?? 1;
  const succeeded = counted.succeeded + counted.uncounted.succeeded.length;
  // Without a number of completions, a success says that there is no more work.
  if (spec?.completions === undefined) return succeeded > 0 ? active : parallelism;
  return Math.max(0, Math.min(parallelism, spec.completions - succeeded - counted.failedIndexes.length));
}

/** The lowest indexes that nobody works on, and which are not done. */
function freeIndexes(job: Job, counted: Tally, busy: readonly Pod[]): number[] {
  const taken = new Set([...counted.completedIndexes, ...counted.failedIndexes, ...busy.map(indexOf)]);
  return Array.from({ length: job.spec?.completions ?? 0 }, (_, index) => index).filter((index) => !taken.has(index));
}

/** Pods of an Indexed Job that work on what another one works on, or on an index that it does not have. */
function superfluous(job: Job, active: readonly Pod[], counted: Tally): Pod[] {
  if (!isIndexed(job)) return [];
  const done = new Set(counted.completedIndexes);
  const seen = new Set<number>();
  return active.filter((pod) => {
    const index = indexOf(pod);
    const extra = index < 0 || index >= (job.spec?.completions ?? 0) || done.has(index) || seen.has(index);
    seen.add(index);
    return extra;
  });
}

/** Sets a condition; its time is that of the change. */
function withCondition(
  conditions: readonly Condition[],
  next: Omit<Condition, 'lastProbeTime' | 'lastTransitionTime'>,
  now: number,
): Condition[] {
  const known = conditions.find(({ type }) => type === next.type);
  if (known?.status === next.status && known.reason === next.reason) return [...conditions];
  const time = wireTime(now);
  const condition = { ...next, lastProbeTime: time, lastTransitionTime: time };
  return known ? conditions.map((one) => (one === known ? condition : one)) : [...conditions, condition];
}

interface Draft {
  conditions: Condition[];
  startTime: string | undefined;
  completionTime: string | undefined;
  readonly news: (readonly ['Normal' | 'Warning', string, string])[];
}

function suspend(draft: Draft, job: Job, now: number): void {
  const suspended = draft.conditions.find(({ type }) => type === 'Suspended');
  if (job.spec?.suspend) {
    if (suspended?.status !== 'True') draft.news.push(['Normal', 'Suspended', 'Job suspended']);
    const next = { type: 'Suspended', status: 'True', reason: 'JobSuspended', message: 'Job suspended' };
    draft.conditions = withCondition(draft.conditions, next, now);
    draft.startTime = undefined;
    return;
  }
  draft.startTime ??= wireTime(now);
  if (suspended?.status !== 'True') return;
  draft.news.push(['Normal', 'Resumed', 'Job resumed']);
  const next = { type: 'Suspended', status: 'False', reason: 'JobResumed', message: 'Job resumed' };
  draft.conditions = withCondition(draft.conditions, next, now);
}

/** Says how the Job ends; and that it has, once nothing of it runs and everything is counted. */
function conclude(draft: Draft, outcome: Outcome, { isOver, now }: { isOver: boolean; now: number }): void {
  const { failed, reason, message } = outcome;
  const add = (type: string): void => {
    draft.conditions = withCondition(draft.conditions, { type, status: 'True', reason, message }, now);
  };
  add(failed ? 'FailureTarget' : 'SuccessCriteriaMet');
  draft.startTime ??= wireTime(now);
  if (!isOver) return;
  add(failed ? 'Failed' : 'Complete');
  if (failed) draft.news.push(['Warning', reason, message]);
  else {
    draft.completionTime = wireTime(now);
    draft.news.push(['Normal', 'Completed', 'Job completed']);
  }
}

/**
 * Decides what a Job that is not over needs (upstream: pkg/controller/job/job_controller.go, syncJob). `settled`: whether the
 * Pods are all that were made; before that none are made or deleted.
 */
export function planJob(job: Job, pods: readonly Pod[], { now, settled }: { now: number; settled: boolean }): JobPlan {
  const counted = tally(job, pods);
  const outcome = outcomeOf(job, counted, { pods, now });
  const active = pods.filter(isActive);
  const terminating = pods.filter(isTerminating);
  const { conditions = [], startTime, completionTime } = job.status ?? {};
  const draft: Draft = { conditions: [...conditions], startTime, completionTime, news: [] };

  let doomed: readonly Pod[] = [];
  let create: readonly WantedPod[] = [];
  let afterMs: number | undefined;
  if (outcome) doomed = active;
  else {
    suspend(draft, job, now);
    if (job.spec?.suspend) doomed = active;
    else ({ doomed, create, afterMs } = staff(job, counted, { pods, active, terminating, now }));
  }
  if (!settled) [doomed, create] = [[], []];
  if (outcome) {
    const nothingLeft = active.length === 0 && terminating.length === 0 && counted.release.length === 0;
    conclude(draft, outcome, { isOver: nothingLeft, now });
  }
  return {
    delete: doomed,
    create,
    release: counted.release,
    news: draft.news,
    status: statusOf(job, counted, {
      draft,
      active: active.filter((pod) => !doomed.includes(pod)),
      terminating: terminating.length + doomed.length,
      made: create.length,
    }),
    ...(afterMs !== undefined && { afterMs }),
  };
}

interface Staff {
  readonly pods: readonly Pod[];
  readonly active: readonly Pod[];
  readonly terminating: readonly Pod[];
  readonly now: number;
}

/** Brings the number of working Pods to what the Job wants. */
function staff(
  job: Job,
  counted: Tally,
  { pods, active, terminating, now }: Staff,
): { doomed: readonly Pod[]; create: readonly WantedPod[]; afterMs: number | undefined } {
  const extra = superfluous(job, active, counted);
  const working = active.filter((pod) => !extra.includes(pod));
  const wanted = wantedActive(job, counted, working.length);
  const surplus = working.length - wanted;
  const deadlineMs = untilDeadline(job, now);
  if (surplus > 0) {
    return { doomed: [...extra, ...inRemovalOrder(working).slice(0, surplus)], create: [], afterMs: deadlineMs };
  }
  // Whoever replaces only what has failed waits for those that end.
  const ending = job.spec?.podReplacementPolicy === 'Failed' ? terminating : [];
  const missing = Math.max(0, wanted - working.length - ending.length);
  const retryMs = missing > 0 ? untilRetry(job, pods, now) : 0;
  if (retryMs > 0) return { doomed: extra, create: [], afterMs: Math.min(retryMs, deadlineMs ?? retryMs) };
  const create = isIndexed(job)
    ? freeIndexes(job, counted, [...working, ...ending])
        .slice(0, missing)
        .map((index) => ({ index, failures: counted.failuresOf.get(index) ?? 0 }))
    : Array.from({ length: missing }, () => ({}));
  return { doomed: extra, create, afterMs: deadlineMs };
}

function statusOf(
  job: Job,
  counted: Tally,
  { draft, active, terminating, made }: { draft: Draft; active: readonly Pod[]; terminating: number; made: number },
): Status {
  const working = active.length + made;
  const { succeeded, failed } = counted;
  const uncounted = {
    ...(counted.uncounted.succeeded.length && { succeeded: [...counted.uncounted.succeeded] }),
    ...(counted.uncounted.failed.length && { failed: [...counted.uncounted.failed] }),
  };
  return {
    ...(draft.conditions.length && { conditions: draft.conditions }),
    ...(draft.startTime && { startTime: draft.startTime }),
    ...(draft.completionTime && { completionTime: draft.completionTime }),
    ...(working && { active: working }),
    ...(succeeded && { succeeded }),
    ...(failed && { failed }),
    terminating,
    ...indexStatus(job, counted),
    uncountedTerminatedPods: uncounted,
    ready: active.filter(isPodReady).length,
  };
}
