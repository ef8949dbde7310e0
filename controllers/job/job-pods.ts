import type { Job, Pod } from '@skiff/api/types';
import { isPodReady } from '../pod-state.ts';

/** Holds a Job's Pod until it is counted, so that no result is lost (KEP-2307). */
export const trackingFinalizer = 'batch.kubernetes.io/job-tracking';
export const indexKey = 'batch.kubernetes.io/job-completion-index';
/** How often the index of a Pod failed before. */
export const failuresKey = 'batch.kubernetes.io/job-index-failure-count';

export type JobSpec = NonNullable<Job['spec']>;

export const isTracked = ({ metadata }: Pod): boolean => metadata.finalizers?.includes(trackingFinalizer) ?? false;
export const isIndexed = ({ spec }: Job): boolean => spec?.completionMode === 'Indexed';
export const isSucceeded = ({ status }: Pod): boolean => status?.phase === 'Succeeded';

/** Whether a Pod will bring no result any more: it failed, or it was asked to end and its replacement need not wait for that. */
export function isFailed(job: Job, { metadata, spec, status }: Pod): boolean {
  if (status?.phase === 'Failed') return true;
  if (metadata.deletionTimestamp === undefined || status?.phase === 'Succeeded') return false;
  // One that no node has will never get to fail.
  return job.spec?.podReplacementPolicy !== 'Failed' || !spec?.nodeName;
}

export const isActive = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp === undefined && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
export const isTerminating = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp !== undefined && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';

/** The index that a Pod of an Indexed Job works on; -1 where it says none. */
export function indexOf({ metadata }: Pod): number {
  const text = metadata.annotations?.[indexKey];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : -1;
}

/** How often the index of this Pod has failed if this Pod has. */
export const failuresWith = ({ metadata }: Pod): number => Number(metadata.annotations?.[failuresKey] ?? 0) + 1;

/** When a finished Pod came to its end. */
export function finishedAt({ metadata, status }: Pod): number {
  const ends = (status?.containerStatuses ?? []).map(({ state }) => Date.parse(state?.terminated?.finishedAt ?? ''));
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime;
  const known = [...ends, Date.parse(ready ?? ''), Date.parse(metadata.deletionTimestamp ?? '')].filter(
    (time) => !Number.isNaN(time),
  );
  return known.length > 0 ? Math.max(...known) : Date.parse(metadata.creationTimestamp ?? '');
}

/** Those that are to go first: not begun, not ready, young; of an Indexed Job the highest indexes. */
export function inRemovalOrder(pods: readonly Pod[]): Pod[] {
  const begun = ({ spec, status }: Pod): number => (spec?.nodeName ? 1 : 0) + (status?.phase === 'Running' ? 1 : 0);
  const born = ({ metadata }: Pod): number => Date.parse(metadata.creationTimestamp ?? '');
  return [...pods].sort(
    (a, b) =>
      indexOf(b) - indexOf(a) ||
      begun(a) - begun(b) ||
      Number(isPodReady(a)) - Number(isPodReady(b)) ||
      born(b) - born(a),
  );
}
