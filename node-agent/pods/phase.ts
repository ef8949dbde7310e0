import { restarts } from './plan.ts';
import { type ContainerStatus, isSidecar, type NodePod, type PodStatus } from './types.ts';

/** A Pod's phase from its containers' statuses (the kubelet's getPhase). `ending`: all that still runs is to end. */
export function phaseOf(pod: NodePod, status: PodStatus, options: { ending: boolean }): string {
  const inits = (pod.spec.initContainers ?? []).filter((container) => !isSidecar(container));
  const initStatuses = inits.map(({ name }) => status.initContainerStatuses?.find((one) => one.name === name));
  const statuses = status.containerStatuses ?? [];
  const begun = statuses.some(({ state, lastState }) => !state?.waiting || lastState?.terminated);
  if (!begun) {
    const failed = inits.some((container, index) => {
      const code = initStatuses[index]?.state?.terminated?.exitCode ?? 0;
      return code !== 0 && (options.ending || !restarts(pod, container, code));
    });
    if (failed) return 'Failed';
    return 'Pending';
  }
  if (statuses.some(({ state, lastState }) => state?.waiting && !lastState?.terminated)) return 'Pending';
  const ended = statuses.map(lastEnd);
  if (ended.some((end) => end === undefined)) return 'Running';
  const codes = ended.map((end) => end?.exitCode ?? 1);
  const isRestarted = (code: number, index: number): boolean => {
    const container = pod.spec.containers.find(({ name }) => name === statuses[index]?.name);
    return container !== undefined && restarts(pod, container, code);
  };
  if (!options.ending && codes.some(isRestarted)) return 'Running';
  return codes.every((code) => code === 0) ? 'Succeeded' : 'Failed';
}

/** How a container ended that does not run; undefined where it runs. */
function lastEnd({ state, lastState }: ContainerStatus) {
  return state?.terminated ?? (state?.waiting ? lastState?.terminated : undefined);
}
