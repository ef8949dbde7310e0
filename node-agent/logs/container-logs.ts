import type { PodManager } from '../pods/pod-manager.ts';
import type { ContainerStatus } from '../runtime/runtime.ts';

/** A log that can't be read, with the answer's code. */
export class NoLog extends Error {
  override readonly name = 'NoLog';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export interface LogTarget {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** The container's life before this one. */
  readonly previous: boolean;
}

export interface FoundLog {
  readonly uid: string;
  readonly container: string;
  readonly attempt: number;
  /** Whether no more will come. */
  readonly isOver: () => boolean;
}

/** Finds a container's log, or says as the kubelet does why there is none. Throws {@link NoLog}. */
export function findLog(pods: Pick<PodManager, 'find'>, { namespace, pod, container, previous }: LogTarget): FoundLog {
  const worker = pods.find(namespace, pod);
  if (worker === undefined) throw new NoLog(404, `pod ${JSON.stringify(pod)} not found`);
  const { initContainers = [], containers } = worker.pod.spec;
  if (![...initContainers, ...containers].some(({ name }) => name === container))
    throw new NoLog(404, `container ${JSON.stringify(container)} not found in pod ${JSON.stringify(pod)}`);
  const history = worker.historyOf(container);
  const life = lifeOf(history, previous);
  if (life === undefined) {
    if (previous)
      throw new NoLog(
        400,
        `previous terminated container ${JSON.stringify(container)} in pod ${JSON.stringify(pod)} not found`,
      );
    const why =
      worker.waitingReason(container) ?? (initContainers.length > 0 ? 'PodInitializing' : 'ContainerCreating');
    const text = why.includes('Image')
      ? 'is waiting to start: trying and failing to pull image'
      : `is waiting to start: ${why}`;
    throw new NoLog(400, `container ${JSON.stringify(container)} in pod ${JSON.stringify(pod)} ${text}`);
  }
  const isOver = (): boolean => {
    const latest = worker.historyOf(container)?.latest;
    return latest === undefined || latest.attempt > life.attempt || latest.state === 'exited';
  };
  return { uid: worker.pod.metadata.uid, container, attempt: life.attempt, isOver };
}

function lifeOf(
  history: { latest: ContainerStatus; previous: ContainerStatus | undefined } | undefined,
  previous: boolean,
): ContainerStatus | undefined {
  if (history === undefined) return undefined;
  if (!previous) return history.latest.state === 'created' ? undefined : history.latest;
  return history.previous;
}
