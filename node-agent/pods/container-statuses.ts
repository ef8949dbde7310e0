import { formatImageReference, parseImageReference } from '../images/image-reference.ts';
import type { ContainerStatus as RuntimeStatus } from '../runtime/runtime.ts';
import type { PodHistory } from './container-history.ts';
import { type Container, type ContainerStatus, isSidecar } from './types.ts';

/** Why a container does not run although it should: reason and message of its `waiting` state. */
export interface Waiting {
  readonly reason: string;
  readonly message?: string;
}

export interface ContainerObservation {
  readonly history: PodHistory;
  readonly waiting: ReadonlyMap<string, Waiting>;
  /** Whether the startup probe of a running container has succeeded, and whether its readiness probe does. */
  readonly isStarted: (name: string) => boolean;
  readonly isReady: (name: string) => boolean;
  /** `crun`, `namespaces`: in front of container IDs. */
  readonly runtimeName: string;
}

type State = NonNullable<ContainerStatus['state']>;

/** The status of each container, as the kubelet reports it. `idle` is what those wait for that were never started. */
export function containerStatuses(
  containers: readonly Container[],
  observed: ContainerObservation,
  options: { idle: string; init?: boolean },
): ContainerStatus[] {
  return containers.map((container) => {
    const { latest, previous } = observed.history.get(container.name) ?? {};
    const waiting = observed.waiting.get(container.name);
    const isRunning = latest?.state === 'running';
    const started = isRunning && observed.isStarted(container.name);
    const isInit = options.init === true && !isSidecar(container);
    const ready = isInit
      ? latest?.state === 'exited' && latest.exitCode === 0 && waiting === undefined
      : started && observed.isReady(container.name);
    const isWaiting = !isRunning && (waiting !== undefined || latest?.state !== 'exited');
    const last = isWaiting && latest?.state === 'exited' ? latest : previous;
    const state = isWaiting
      ? { waiting: { ...(waiting ?? { reason: options.idle }) } }
      : stateOf(latest, observed.runtimeName);
    return {
      name: container.name,
      state,
      lastState: last?.state === 'exited' ? stateOf(last, observed.runtimeName) : {},
      ready,
      restartCount: latest?.attempt ?? 0,
      image: imageName(container.image ?? ''),
      imageID: latest?.imageId ?? '',
      ...(latest && { containerID: containerId(latest, observed.runtimeName) }),
      started,
      ...(latest && resourcesOf(container)),
    };
  });
}

/**
 * What a container was given; a change in place takes effect at once, as far as it does at all. Said also where it is nothing: the API server
 * takes that for a node where resources can be changed in place.
 */
function resourcesOf({ resources = {} }: Container): Pick<ContainerStatus, 'resources' | 'allocatedResources'> {
  const { requests } = resources;
  return { resources, ...(requests && { allocatedResources: requests }) };
}

export function containerId({ id }: RuntimeStatus, runtimeName: string): string {
  return `${runtimeName}://${id}`;
}

function stateOf(status: RuntimeStatus | undefined, runtimeName: string): State {
  if (status === undefined || status.state === 'created') return { waiting: { reason: 'ContainerCreating' } };
  if (status.state === 'running') return { running: { startedAt: seconds(status.startedAt ?? status.createdAt) } };
  const { exitCode = 1, reason, message } = status;
  // What crun and CRI runtimes call it when a program can't be run.
  const neverRan = reason === 'ContainerCannotRun';
  return {
    terminated: {
      exitCode,
      reason: neverRan ? 'StartError' : (reason ?? (exitCode === 0 ? 'Completed' : 'Error')),
      ...(message && { message }),
      startedAt: seconds(status.startedAt ?? status.createdAt),
      finishedAt: seconds(status.finishedAt ?? status.createdAt),
      containerID: containerId(status, runtimeName),
    },
  };
}

function seconds(time: string): string {
  return time.replace(/\.\d+Z$/, 'Z');
}

function imageName(text: string): string {
  const reference = parseImageReference(text);
  return reference === undefined ? text : formatImageReference(reference);
}
