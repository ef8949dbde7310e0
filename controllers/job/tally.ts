import { formatIndexes, parseIndexes } from '@skiff/api/index-ranges';
import type { Job, Pod } from '@skiff/api/types';
import { judge } from './failure-policy.ts';
import { failuresWith, indexOf, isFailed, isIndexed, isSucceeded, isTracked } from './job-pods.ts';

/** What a Job's Pods have brought so far. */
export interface Tally {
  /** Counted for good. */
  readonly succeeded: number;
  readonly failed: number;
  /** Noted in the status, and to be counted once their finalizer is gone: the uids of Pods. */
  readonly uncounted: { readonly succeeded: readonly string[]; readonly failed: readonly string[] };
  /** Pods whose finalizer may go as soon as the status is written. */
  readonly release: readonly Pod[];
  /** Indexes of an Indexed Job, ascending. */
  readonly completedIndexes: readonly number[];
  readonly failedIndexes: readonly number[];
  /** How often the Pods of an index have failed. */
  readonly failuresOf: ReadonlyMap<number, number>;
  /** Why a rule of the failure policy ends the Job. */
  readonly fatal: string | undefined;
}

const indexesIn = (text: string | undefined, completions: number): number[] => {
  const read = parseIndexes(text ?? '', completions);
  return read.valid ? [...read.indexes] : [];
};

/**
 * Counts the Pods that have ended (upstream: trackJobStatusAndRemoveFinalizers). A Pod is noted in the status first, then its
 * finalizer goes, and only then it becomes part of the counts: whatever crashes in between, it is counted once.
 */
export function tally(job: Job, pods: readonly Pod[]): Tally {
  const { succeeded = 0, failed = 0, uncountedTerminatedPods: noted = {} } = job.status ?? {};
  const tracked = new Map(pods.filter(isTracked).map((pod) => [pod.metadata.uid ?? '', pod]));
  const stillThere = (uids: readonly string[] = []): string[] => uids.filter((uid) => tracked.has(uid));
  const gone = (uids: readonly string[] = []): number => uids.length - stillThere(uids).length;
  const uncounted = { succeeded: stillThere(noted.succeeded), failed: stillThere(noted.failed) };
  const release = [...uncounted.succeeded, ...uncounted.failed].flatMap((uid) => tracked.get(uid) ?? []);

  const completions = job.spec?.completions ?? 0;
  const indexed = isIndexed(job);
  const completed = new Set(indexesIn(job.status?.completedIndexes, completions));
  const failedForGood = new Set(indexesIn(job.status?.failedIndexes, completions));
  const perIndex = job.spec?.backoffLimitPerIndex;
  let fatal: string | undefined;
  for (const [uid, pod] of tracked) {
    if (release.includes(pod)) continue;
    const index = indexOf(pod);
    const inRange = !indexed || (index >= 0 && index < completions);
    if (isSucceeded(pod)) {
      // Indexes need no note: to complete one again changes nothing.
      if (!indexed) uncounted.succeeded.push(uid);
      else if (inRange) completed.add(index);
    } else if (isFailed(job, pod)) {
      const { action, message } = judge(job, pod);
      if (action === 'FailJob') fatal ??= message ?? '';
      if (action !== 'Ignore' && inRange) uncounted.failed.push(uid);
      const spent = perIndex !== undefined && failuresWith(pod) > perIndex && action !== 'Ignore';
      if (indexed && inRange && perIndex !== undefined && (spent || action === 'FailIndex')) failedForGood.add(index);
    } else continue;
    release.push(pod);
  }
  const ascending = (indexes: Iterable<number>): number[] => [...indexes].sort((a, b) => a - b);
  return {
    succeeded: indexed ? completed.size : succeeded + gone(noted.succeeded),
    failed: failed + gone(noted.failed),
    uncounted,
    release,
    completedIndexes: ascending(completed),
    failedIndexes: ascending([...failedForGood].filter((index) => !completed.has(index))),
    failuresOf: failuresByIndex(job, pods),
    fatal,
  };
}

function failuresByIndex(job: Job, pods: readonly Pod[]): Map<number, number> {
  const found = new Map<number, number>();
  for (const pod of pods) {
    if (!isFailed(job, pod)) continue;
    const counts = judge(job, pod).action !== 'Ignore';
    const failures = counts ? failuresWith(pod) : failuresWith(pod) - 1;
    found.set(indexOf(pod), Math.max(found.get(indexOf(pod)) ?? 0, failures));
  }
  return found;
}

/** The fields of the status that say which indexes are done. */
export function indexStatus(job: Job, counted: Tally): { completedIndexes?: string; failedIndexes?: string } {
  if (!isIndexed(job)) return {};
  const completed = formatIndexes(counted.completedIndexes);
  return {
    ...(completed && { completedIndexes: completed }),
    ...(job.spec?.backoffLimitPerIndex !== undefined && { failedIndexes: formatIndexes(counted.failedIndexes) }),
  };
}
