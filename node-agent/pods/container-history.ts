import type { ContainerStatus as RuntimeStatus } from '../runtime/runtime.ts';
import type { ContainerStatus, NodePod } from './types.ts';

/** A container's last two lives, newest first. */
export interface ContainerHistory {
  readonly latest: RuntimeStatus;
  readonly previous: RuntimeStatus | undefined;
}

export type PodHistory = ReadonlyMap<string, ContainerHistory>;

/** What the runtime lists of one Pod, by container name. */
export function historyOf(statuses: readonly RuntimeStatus[]): Map<string, ContainerHistory> {
  const history = new Map<string, ContainerHistory>();
  for (const status of [...statuses].sort((a, b) => a.attempt - b.attempt)) {
    history.set(status.name, { latest: status, previous: history.get(status.name)?.latest });
  }
  return history;
}

/**
 * The containers that a Pod had by its status and that the runtime no longer knows, as after a restart of the whole cluster: those that
 * were running have ended in a way nobody saw.
 */
export function lostContainers(pod: NodePod): ContainerHistory[] {
  return (pod.status?.containerStatuses ?? []).flatMap((status) => {
    const latest = lostContainer(status, pod.metadata.uid);
    return latest ? [{ latest, previous: undefined }] : [];
  });
}

function lostContainer(
  { name, restartCount, state, lastState, imageID }: ContainerStatus,
  uid: string,
): RuntimeStatus | undefined {
  const ended = state?.terminated ?? (state?.waiting ? lastState?.terminated : undefined);
  const startedAt = state?.running?.startedAt ?? ended?.startedAt;
  if (!ended && !startedAt) return undefined;
  const end = ended ?? {
    exitCode: 137,
    reason: 'ContainerStatusUnknown',
    message: 'The container could not be located when the pod was restarted. The container used to be Running',
    finishedAt: undefined,
  };
  return {
    id: `${uid}/${name}/${restartCount}`,
    sandboxId: uid,
    name,
    attempt: restartCount,
    imageId: imageID,
    state: 'exited',
    createdAt: startedAt ?? '',
    ...(startedAt && { startedAt }),
    finishedAt: end.finishedAt ?? new Date().toISOString(),
    exitCode: end.exitCode,
    ...(end.reason && { reason: end.reason }),
    ...(end.message && { message: end.message }),
  };
}
