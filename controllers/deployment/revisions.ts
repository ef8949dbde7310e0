import type { Deployment, ReplicaSet } from '@skiff/api/types';
import { limitsOf, replicasOf } from './limits.ts';

export const revisionAnnotation = 'deployment.kubernetes.io/revision';
const historyAnnotation = 'deployment.kubernetes.io/revision-history';
const desiredAnnotation = 'deployment.kubernetes.io/desired-replicas';
const maxAnnotation = 'deployment.kubernetes.io/max-replicas';

/** Annotations that say something about the one object and are not handed down. */
const ownAnnotations: readonly string[] = [
  'kubectl.kubernetes.io/last-applied-configuration',
  'deprecated.deployment.rollback.to',
  revisionAnnotation,
  historyAnnotation,
  desiredAnnotation,
  maxAnnotation,
];

export type Annotations = Record<string, string>;

/** The place of a ReplicaSet in its Deployment's history; 0 where it has none. */
export function revisionOf(object: { metadata: { annotations?: Annotations } }): number {
  return Number.parseInt(object.metadata.annotations?.[revisionAnnotation] ?? '', 10) || 0;
}

/** The replicas that the Deployment wanted when it last scaled this set: another number now means that it was scaled. */
export function desiredAtLastScale(set: ReplicaSet): number | undefined {
  return numberIn(set, desiredAnnotation);
}

/** The replicas, surge included, that the Deployment allowed when it last scaled this set. */
export function maxAtLastScale(set: ReplicaSet): number | undefined {
  return numberIn(set, maxAnnotation);
}

export function scaleAnnotations(deployment: Deployment): Annotations {
  const desired = replicasOf(deployment);
  return {
    [desiredAnnotation]: String(desired),
    [maxAnnotation]: String(desired + limitsOf(deployment).maxSurge),
  };
}

/**
 * The annotations of the set with the current template: the Deployment's own, and the next revision after those of the old
 * sets. A set that gets a new revision, because of a rollback, remembers the one that it had.
 */
export function currentSetAnnotations(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): Annotations {
  const before = current?.metadata.annotations ?? {};
  const inherited = Object.entries(deployment.metadata.annotations ?? {}).filter(
    ([key]) => !ownAnnotations.includes(key),
  );
  const annotations = { ...before, ...Object.fromEntries(inherited) };
  const next = Math.max(0, ...old.map(revisionOf)) + 1;
  const had = current ? revisionOf(current) : 0;
  if (had >= next) return annotations;
  annotations[revisionAnnotation] = String(next);
  if (had > 0) annotations[historyAnnotation] = [before[historyAnnotation], had].filter(Boolean).join(',');
  return annotations;
}

/** The old sets that are beyond the limit of the history, oldest revision first; only those that are empty and idle. */
export function beyondHistory(deployment: Deployment, old: readonly ReplicaSet[]): ReplicaSet[] {
  const limit = deployment.spec?.revisionHistoryLimit;
  if (limit === undefined) return [];
  const alive = old.filter((set) => set.metadata.deletionTimestamp === undefined);
  return alive
    .toSorted((a, b) => revisionOf(a) - revisionOf(b))
    .slice(0, Math.max(0, alive.length - limit))
    .filter(
      (set) =>
        replicasOf(set) === 0 &&
        (set.status?.replicas ?? 0) === 0 &&
        (set.metadata.generation ?? 0) <= (set.status?.observedGeneration ?? 0),
    );
}

function numberIn(set: ReplicaSet, annotation: string): number | undefined {
  const number = Number.parseInt(set.metadata.annotations?.[annotation] ?? '', 10);
  return Number.isNaN(number) ? undefined : number;
}
