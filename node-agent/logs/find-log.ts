import { join } from 'node:path';
import { badRequest } from '@skiff/api/status';
import type { ContainerStatus, NodePod } from '../pods/types.ts';

/** One run of a container. */
export interface FoundLog {
  readonly path: string;
  /** As the runtime names it. */
  readonly containerId: string;
}

/**
 * The log file of the run that a container's status tells of: the one that goes on, else the last one that ended, which is also the
 * previous one while a container waits to be started again. Throws 400 in the words of the kubelet (validateContainerLogStatus in
 * pkg/kubelet/kubelet_pods.go) where there is none. `folder` is the Pod's: it holds a folder for each container with a file for each run.
 */
export function findLog(pod: NodePod, options: { folder: string; container: string; previous: boolean }): FoundLog {
  const { folder, container, previous } = options;
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {};
  const about = `container "${container}" in pod "${pod.metadata.name}"`;
  const all = [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses];
  const status = all.find(({ name }) => name === container);
  if (status === undefined) throw badRequest(`${about} is not available`);
  const last = status.lastState?.terminated?.containerID;
  if (previous && !last) throw badRequest(`previous terminated ${about} not found`);
  const id = previous ? last : runOf(status) || last;
  if (!id) throw badRequest(`${about} is ${whyNone(status)}`);
  // RUNTIME://SANDBOX/CONTAINER/ATTEMPT, as container-statuses.ts writes it.
  const containerId = id.slice(id.indexOf('://') + 3);
  return { path: join(folder, container, `${containerId.split('/').at(-1)}.log`), containerId };
}

function runOf({ state, containerID }: ContainerStatus): string | undefined {
  return state?.running ? containerID : state?.terminated?.containerID;
}

function whyNone({ state, lastState }: ContainerStatus): string {
  if (state?.terminated || lastState?.terminated) return 'terminated';
  const reason = state?.waiting?.reason;
  if (state?.waiting === undefined) return 'waiting to start - no logs yet';
  if (reason === 'ErrImagePull') return "waiting to start: image can't be pulled";
  if (reason === 'ImagePullBackOff') return 'waiting to start: trying and failing to pull image';
  return `waiting to start: ${reason}`;
}
