import type { Deployment, ReplicaSet } from '@skiff/api/types';
import { Conditions, type DeploymentStatus } from './conditions.ts';
import { limitsOf, replicasOf } from './limits.ts';
import type { Sets } from './scaling.ts';

/** What happened in this pass that only the pass itself knows. */
export interface PassNotes {
  readonly now: number;
  /** The current set: was it made in this pass, or found? */
  readonly created?: boolean;
  /** Why it could not be made. */
  readonly createError?: string | undefined;
  /** Progress is not judged while paused or scaling. */
  readonly judgeProgress: boolean;
}

/** The status that a Deployment with these sets should show, and when to look again because its deadline passes. */
export function deploymentStatus(
  deployment: Deployment,
  sets: Sets,
  notes: PassNotes,
): { status: DeploymentStatus; nextCheckMs: number | undefined } {
  const all = [...sets.old, ...(sets.current ? [sets.current] : [])];
  const sum = (count: (set: ReplicaSet) => number | undefined): number =>
    all.reduce((total, set) => total + (count(set) ?? 0), 0);

  const availableReplicas = sum((set) => set.status?.availableReplicas);
  const counts: Counts = {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: sum((set) => set.status?.replicas),
    updatedReplicas: sets.current?.status?.replicas ?? 0,
    readyReplicas: sum((set) => set.status?.readyReplicas),
    availableReplicas,
    unavailableReplicas: Math.max(0, sum(replicasOf) - availableReplicas),
  };
  const conditions = conditionsOf(deployment, sets, { notes, counts });
  const { collisionCount } = deployment.status ?? {};
  const nonZero = Object.entries(counts).filter(([, count]) => count > 0);
  const status: DeploymentStatus = {
    ...Object.fromEntries(nonZero),
    ...(all.every((set) => set.status?.terminatingReplicas !== undefined) && {
      terminatingReplicas: sum((set) => set.status?.terminatingReplicas),
    }),
    ...(conditions.list.length > 0 && { conditions: [...conditions.list] }),
    ...(collisionCount && { collisionCount }),
  };
  return { status, nextCheckMs: untilDeadline(deployment, { counts, conditions, now: notes.now }) };
}

interface Counts {
  readonly observedGeneration: number;
  readonly replicas: number;
  readonly updatedReplicas: number;
  readonly readyReplicas: number;
  readonly availableReplicas: number;
  readonly unavailableReplicas: number;
}

function conditionsOf(
  deployment: Deployment,
  sets: Sets,
  { notes, counts }: { notes: PassNotes; counts: Counts },
): Conditions {
  const { now } = notes;
  let conditions = pausedOrFound(deployment, sets, notes);

  const enough = counts.availableReplicas >= replicasOf(deployment) - limitsOf(deployment).maxUnavailable;
  conditions = conditions.with('Available', {
    status: enough ? 'True' : 'False',
    reason: enough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
    message: `Deployment ${enough ? 'has' : 'does not have'} minimum availability.`,
    now,
  });
  if (!notes.judgeProgress) return conditions;
  conditions = hasDeadline(deployment)
    ? progress(deployment, sets, { conditions, counts, now })
    : conditions.without('Progressing');
  const failure = [...(sets.current ? [sets.current] : []), ...sets.old]
    .flatMap((set) => set.status?.conditions ?? [])
    .find(({ type }) => type === 'ReplicaFailure');
  if (!failure) return conditions.without('ReplicaFailure');
  const { status, reason = '', message = '' } = failure;
  return conditions.with('ReplicaFailure', { status, reason, message, now });
}

/** The conditions that are known before anything is counted: paused, resumed, a set made or found. */
function pausedOrFound(deployment: Deployment, { current }: Sets, notes: PassNotes): Conditions {
  const conditions = new Conditions(deployment.status?.conditions);
  if (!hasDeadline(deployment)) return conditions;
  const { now } = notes;
  const progressing = (status: string, reason: string, message: string): Conditions =>
    conditions.with('Progressing', { status, reason, message, now });
  if (notes.createError) return progressing('False', 'ReplicaSetCreateError', notes.createError);
  if (notes.created && current) {
    return progressing('True', 'NewReplicaSetCreated', `Created new replica set "${current.metadata.name}"`);
  }
  const reason = conditions.get('Progressing')?.reason;
  if (!reason && current)
    return progressing('True', 'FoundNewReplicaSet', `Found new replica set "${current.metadata.name}"`);
  if (reason === 'ProgressDeadlineExceeded') return conditions;
  if (deployment.spec?.paused) return progressing('Unknown', 'DeploymentPaused', 'Deployment is paused');
  if (reason === 'DeploymentPaused') return progressing('Unknown', 'DeploymentResumed', 'Deployment is resumed');
  return conditions;
}

function progress(
  deployment: Deployment,
  { current }: Sets,
  { conditions, counts, now }: { conditions: Conditions; counts: Counts; now: number },
): Conditions {
  const before = new Conditions(deployment.status?.conditions).get('Progressing');
  if (before?.reason === 'NewReplicaSetAvailable' && counts.replicas === counts.updatedReplicas) return conditions;
  const subject = current ? `ReplicaSet "${current.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  if (isComplete(deployment, counts)) {
    const message = `${subject} has successfully progressed.`;
    return conditions.with('Progressing', { status: 'True', reason: 'NewReplicaSetAvailable', message, now });
  }
  if (hasProgressed(deployment, counts)) {
    const message = `${subject} is progressing.`;
    return conditions.renewed('Progressing', { status: 'True', reason: 'ReplicaSetUpdated', message, now });
  }
  if (deadlineOf(deployment, conditions, now) > 0) return conditions;
  const message = `${subject} has timed out progressing.`;
  return conditions.with('Progressing', { status: 'False', reason: 'ProgressDeadlineExceeded', message, now });
}

export function isComplete(deployment: Deployment, counts: DeploymentStatus): boolean {
  const wanted = replicasOf(deployment);
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, observedGeneration = 0 } = counts;
  return (
    updatedReplicas === wanted &&
    replicas === wanted &&
    availableReplicas === wanted &&
    observedGeneration >= (deployment.metadata.generation ?? 0)
  );
}

/** More of the new, fewer of the old, more ready or more available than when the status was last written. */
function hasProgressed(deployment: Deployment, counts: Counts): boolean {
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = deployment.status ?? {};
  return (
    counts.updatedReplicas > updatedReplicas ||
    counts.replicas - counts.updatedReplicas < replicas - updatedReplicas ||
    counts.readyReplicas > readyReplicas ||
    counts.availableReplicas > availableReplicas
  );
}

/** A deadline of the greatest number there is means none. */
const hasDeadline = (deployment: Deployment): boolean =>
  (deployment.spec?.progressDeadlineSeconds ?? 0x7fffffff) !== 0x7fffffff;

/** Milliseconds until the rollout counts as stuck; infinite while nothing is expected to move. */
function deadlineOf(deployment: Deployment, conditions: Conditions, now: number): number {
  const condition = conditions.get('Progressing');
  if (!condition || condition.reason === 'NewReplicaSetAvailable') return Number.POSITIVE_INFINITY;
  if (condition.reason === 'ProgressDeadlineExceeded') return 0;
  const since = Date.parse(condition.lastUpdateTime ?? '') || now;
  return since + (deployment.spec?.progressDeadlineSeconds ?? 0) * 1000 - now;
}

function untilDeadline(
  deployment: Deployment,
  { counts, conditions, now }: { counts: Counts; conditions: Conditions; now: number },
): number | undefined {
  if (!hasDeadline(deployment) || deployment.spec?.paused || isComplete(deployment, counts)) return undefined;
  const left = deadlineOf(deployment, conditions, now);
  // A second more, because times in conditions are whole seconds.
  return left > 0 && Number.isFinite(left) ? left + 1000 : undefined;
}
