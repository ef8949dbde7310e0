import type { Deployment, ReplicaSet } from '@skiff/api/types';
import { isRolling, limitsOf, replicasOf } from './limits.ts';
import { desiredAtLastScale, maxAtLastScale } from './revisions.ts';

/** The ReplicaSets of a Deployment: the one with the current template, if it exists yet, and the others. */
export interface Sets {
  readonly current: ReplicaSet | undefined;
  readonly old: readonly ReplicaSet[];
}

/** A set and the number of replicas that it is to have; where that is what it has, only its annotations are brought up to date. */
export interface Scale {
  readonly set: ReplicaSet;
  readonly replicas: number;
}

const isActive = (set: ReplicaSet): boolean => replicasOf(set) > 0;
const total = (sets: readonly ReplicaSet[]): number => sets.reduce((sum, set) => sum + replicasOf(set), 0);
const available = (sets: readonly ReplicaSet[]): number =>
  sets.reduce((sum, set) => sum + (set.status?.availableReplicas ?? 0), 0);
const created = (set: ReplicaSet): string => set.metadata.creationTimestamp ?? '';
const oldestFirst = (a: ReplicaSet, b: ReplicaSet): number =>
  compare(created(a), created(b)) || compare(a.metadata.name, b.metadata.name);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Whether the number of replicas was changed since the sets were last scaled. */
export function wasScaled(deployment: Deployment, { current, old }: Sets): boolean {
  return [...old, ...(current ? [current] : [])].filter(isActive).some((set) => {
    const desired = desiredAtLastScale(set);
    return desired !== undefined && desired !== replicasOf(deployment);
  });
}

/** The replicas that the set with the current template may have now, beside the old ones. */
export function replicasOfCurrent(deployment: Deployment, { current, old }: Sets): number {
  const wanted = replicasOf(deployment);
  const now = current ? replicasOf(current) : 0;
  if (!isRolling(deployment) || now >= wanted) return wanted;
  const room = wanted + limitsOf(deployment).maxSurge - total(old) - now;
  return now + Math.min(Math.max(0, room), wanted - now);
}

/** The next step of a rolling update: up with the new while there is room, or else down with the old. */
export function rollingStep(deployment: Deployment, current: ReplicaSet, old: readonly ReplicaSet[]): Scale[] {
  const upwards = replicasOfCurrent(deployment, { current, old });
  if (upwards !== replicasOf(current)) return [{ set: current, replicas: upwards }];
  return scaleOldDown(deployment, current, old.filter(isActive).toSorted(oldestFirst));
}

/** Old replicas that aren't available go first: that makes nothing worse, and they could block the update for ever. */
function scaleOldDown(deployment: Deployment, current: ReplicaSet, old: readonly ReplicaSet[]): Scale[] {
  const minAvailable = replicasOf(deployment) - limitsOf(deployment).maxUnavailable;
  const currentUnavailable = replicasOf(current) - (current.status?.availableReplicas ?? 0);
  let removable = total([...old, current]) - minAvailable - currentUnavailable;
  if (removable <= 0) return [];

  const sizes = new Map(old.map((set) => [set, replicasOf(set)]));
  const shrink = (set: ReplicaSet, by: number): number => {
    const size = sizes.get(set) ?? 0;
    const less = Math.max(0, Math.min(by, size));
    sizes.set(set, size - less);
    return less;
  };
  for (const set of old) {
    removable -= shrink(set, Math.min(removable, replicasOf(set) - (set.status?.availableReplicas ?? 0)));
  }
  let spare = available([...old, current]) - minAvailable;
  for (const set of old) spare -= shrink(set, Math.max(0, spare));

  return [...sizes]
    .filter(([set, replicas]) => replicas !== replicasOf(set))
    .map(([set, replicas]) => ({ set, replicas }));
}

/**
 * What to do when the number of replicas changes, or anything is scaled while paused. In the middle of an update the
 * change is shared out in proportion to the size of each set, so that scaling doesn't hasten the update.
 */
export function proportionalScales(deployment: Deployment, { current, old }: Sets): Scale[] {
  const wanted = replicasOf(deployment);
  const all = [...old.toSorted(oldestFirst).reverse(), ...(current ? [current] : [])];
  const active = all.filter(isActive);
  if (active.length <= 1) {
    const only = active[0] ?? current ?? all[0];
    return only ? [{ set: only, replicas: wanted }] : [];
  }
  if (current && isSaturated(deployment, current)) {
    return active.filter((set) => set !== current).map((set) => ({ set, replicas: 0 }));
  }
  if (!isRolling(deployment)) return [];

  const allowed = wanted > 0 ? wanted + limitsOf(deployment).maxSurge : 0;
  const change = allowed - total(active);
  const byAge = change > 0 ? (a: ReplicaSet, b: ReplicaSet) => oldestFirst(b, a) : oldestFirst;
  const ordered = active.toSorted((a, b) => replicasOf(b) - replicasOf(a) || byAge(a, b));
  let left = change;
  const scales = ordered.map((set) => {
    const share = change === 0 ? 0 : within(fraction(deployment, set), left);
    left -= share;
    return { set, replicas: replicasOf(set) + share };
  });
  return scales.map((scale, index) =>
    index === 0 ? { ...scale, replicas: Math.max(0, scale.replicas + left) } : scale,
  );
}

/** Whether the current set is complete by itself. */
function isSaturated(deployment: Deployment, current: ReplicaSet): boolean {
  const wanted = replicasOf(deployment);
  return (
    replicasOf(current) === wanted &&
    desiredAtLastScale(current) === wanted &&
    current.status?.availableReplicas === wanted
  );
}

/** The share of a set in a change of the Deployment's size. */
function fraction(deployment: Deployment, set: ReplicaSet): number {
  const wanted = replicasOf(deployment);
  const size = replicasOf(set);
  if (wanted === 0) return -size;
  const before = maxAtLastScale(set) ?? deployment.status?.replicas ?? size;
  return Math.round((size * (wanted + limitsOf(deployment).maxSurge)) / before) - size;
}

const within = (share: number, left: number): number => (left > 0 ? Math.min(share, left) : Math.max(share, left));
