import type { Pod, StatefulSet } from '@skiff/api/types';
import { isPodReady, untilAvailable } from '../pod-state.ts';
import { replicasOf, revisionOf } from './identity.ts';
import type { RevisionNames } from './plan.ts';

type Status = NonNullable<StatefulSet['status']>;

/** What the set has come to; an update that is over makes its revision the current one. */
export function statefulSetStatus(
  set: StatefulSet,
  pods: readonly Pod[],
  { revisions, now }: { readonly revisions: RevisionNames; readonly now: number },
): Status {
  const there = pods.filter((pod) => pod.status?.phase !== undefined);
  const isReady = (pod: Pod): boolean => pod.status?.phase === 'Running' && isPodReady(pod);
  const of = (revision: string): number =>
    there.filter((pod) => revisionOf(pod) === revision && !pod.metadata.deletionTimestamp).length;
  const ready = there.filter(isReady);
  const available = ready.filter((pod) => untilAvailable(pod, set.spec?.minReadySeconds ?? 0, now) === 0);
  const updated = of(revisions.update);
  const wanted = replicasOf(set);
  const rolling = set.spec?.updateStrategy?.type === 'RollingUpdate';
  const isOver = rolling && updated === wanted && there.length === wanted && ready.length === wanted;
  const current = isOver ? revisions.update : revisions.current;
  const counted = {
    readyReplicas: ready.length,
    currentReplicas: of(current),
    updatedReplicas: updated,
  };
  const { conditions, collisionCount = 0 } = set.status ?? {};
  return {
    observedGeneration: set.metadata.generation ?? 0,
    replicas: there.length,
    ...Object.fromEntries(Object.entries(counted).filter(([, count]) => count > 0)),
    ...(current && { currentRevision: current }),
    ...(revisions.update && { updateRevision: revisions.update }),
    collisionCount,
    availableReplicas: available.length,
    ...(conditions && { conditions }),
  };
}
