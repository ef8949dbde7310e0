import type { KubeObject } from '@skiff/api/meta';
import { type DeleteOptions, deletionFinalizers } from './delete-options.ts';
import type { Strategy } from './strategy.ts';

/**
 * What a DELETE does to an object as it is now (upstream: registry/rest/delete.go and registry/generic/registry/store.go):
 * - `nothing`: it is ending already, and these options do not hurry it;
 * - `mark`: it stays, with this state, until its finalizers or its grace period are over;
 * - `remove`: it goes at once; `object` is its last state. `marked`: watchers see that state as an update first.
 */
export type Deletion =
  | { readonly does: 'nothing' }
  | { readonly does: 'mark'; readonly object: KubeObject }
  | { readonly does: 'remove'; readonly object: KubeObject; readonly marked: boolean };

/** RFC 3339 in whole seconds, as all times of metadata. */
export const timestamp = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`;

const secondsAfter = (time: Date, seconds: number): Date => new Date(time.getTime() + seconds * 1000);

/** Whether finalizers hold an object, those of its metadata or of its own kind. */
export function isHeld(object: KubeObject, strategy: Strategy): boolean {
  return (object.metadata.finalizers?.length ?? 0) > 0 || (strategy.hasOwnFinalizers?.(object) ?? false);
}

/** Whether an object that is ending has nothing left to wait for: its update is its deletion. */
export function isFinished(object: KubeObject, strategy: Strategy): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = object.metadata;
  return deletionTimestamp !== undefined && deletionGracePeriodSeconds === 0 && !isHeld(object, strategy);
}

function mark(object: KubeObject, { at, grace }: { at: Date; grace: number | undefined }): void {
  const { metadata } = object;
  if (metadata.generation && metadata.deletionTimestamp === undefined) metadata.generation++;
  if (metadata.deletionTimestamp === undefined || Date.parse(metadata.deletionTimestamp) > at.getTime()) {
    metadata.deletionTimestamp = timestamp(at);
  }
  if (grace !== undefined) metadata.deletionGracePeriodSeconds = grace;
}

/** A kind with a grace period that is ending already: only a shorter period changes anything. */
function hurry(object: KubeObject, asked: number | undefined, strategy: Strategy): Deletion {
  const { metadata } = object;
  const pending = metadata.deletionGracePeriodSeconds ?? 0;
  if (asked === undefined || asked >= pending) {
    return isFinished(object, strategy) ? { does: 'remove', object, marked: false } : { does: 'nothing' };
  }
  const began = secondsAfter(new Date(metadata.deletionTimestamp ?? ''), -pending);
  metadata.deletionTimestamp = timestamp(secondsAfter(began, asked));
  metadata.deletionGracePeriodSeconds = asked;
  return settle(object, strategy);
}

function settle(object: KubeObject, strategy: Strategy): Deletion {
  return isFinished(object, strategy) ? { does: 'remove', object, marked: true } : { does: 'mark', object };
}

/** Decides what a DELETE does. `object` is the caller's own copy, which becomes the new state. */
export function planDeletion(
  object: KubeObject,
  options: DeleteOptions,
  { strategy, now }: { strategy: Strategy; now: Date },
): Deletion {
  const { metadata } = object;
  // A negative period means one second, as it always did.
  const asked =
    options.gracePeriodSeconds === undefined || options.gracePeriodSeconds >= 0 ? options.gracePeriodSeconds : 1;
  const graceful = strategy.gracePeriodSeconds !== undefined;
  const ending = metadata.deletionTimestamp !== undefined;
  if (graceful && ending) return hurry(object, asked, strategy);

  const own = ending ? [] : (strategy.deletionFinalizers ?? []);
  const present = metadata.finalizers ?? [];
  const asking = strategy.deletesInItsOwnWay && !ending ? present : deletionFinalizers(present, options, strategy);
  const finalizers = [...new Set([...asking, ...own])];
  if (finalizers.length) metadata.finalizers = finalizers;
  else delete metadata.finalizers;

  if (strategy.gracePeriodSeconds) {
    const grace = strategy.gracePeriodSeconds(object, asked);
    mark(object, { at: secondsAfter(now, grace), grace });
    return settle(object, strategy);
  }
  if (!isHeld(object, strategy)) return { does: 'remove', object, marked: false };
  mark(object, { at: now, grace: strategy.deletesInItsOwnWay ? undefined : 0 });
  return { does: 'mark', object };
}
