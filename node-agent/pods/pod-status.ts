import { podConditions } from './conditions.ts';
import { type ContainerObservation, containerStatuses } from './container-statuses.ts';
import { phaseOf } from './phase.ts';
import { qosClass } from './qos.ts';
import type { ContainerStatus, NodePod, PodStatus } from './types.ts';

export interface PodObservation extends ContainerObservation {
  /** Undefined until the Pod has one, and after its network is gone. */
  readonly podIP: string | undefined;
  readonly hostIP: string;
  readonly hasNetwork: boolean;
  /** When the node took it over: RFC 3339. */
  readonly startTime: string;
  /** Whether all that still runs is to end. */
  readonly ending: boolean;
  /** Whether all has ended, and its network and volumes are gone. */
  readonly over: boolean;
  /** Why the node ended it: `DeadlineExceeded`. */
  readonly failure?: { readonly reason: string; readonly message: string } | undefined;
  /** Why containers are not ready, where it is not for their probes. */
  readonly unready?: { readonly reason: string; readonly message: string } | undefined;
  readonly now: number;
}

/** A Pod's status, from what is seen of it now and from what was said of it before. */
export function podStatus(pod: NodePod, observed: PodObservation): PodStatus {
  const { initContainers = [], containers, ephemeralContainers = [] } = pod.spec;
  const inits = containerStatuses(initContainers, observed, { idle: 'PodInitializing', init: true });
  const idle = initContainers.length > 0 ? 'PodInitializing' : 'ContainerCreating';
  const ephemeral = containerStatuses(ephemeralContainers, observed, { idle: 'ContainerCreating' });
  const { podIP, hostIP } = observed;
  const { generation } = pod.metadata;
  const status: PodStatus = {
    ...(generation && { observedGeneration: generation }),
    hostIP,
    hostIPs: [{ ip: hostIP }],
    ...(podIP && { podIP, podIPs: [{ ip: podIP }] }),
    startTime: observed.startTime,
    qosClass: pod.status?.qosClass ?? qosClass(pod.spec),
    containerStatuses: byName(containerStatuses(containers, observed, { idle })),
    ...(inits.length > 0 && { initContainerStatuses: inits }),
    // Nobody asks whether these are ready.
    ...(ephemeral.length > 0 && { ephemeralContainerStatuses: ephemeral.map((one) => ({ ...one, ready: false })) }),
    ...observed.failure,
  };
  if (observed.over) endStatuses(pod, status);
  status.phase = observed.failure ? 'Failed' : phaseOf(pod, status, observed);
  status.conditions = podConditions(pod, status, observed);
  return status;
}

/** The status of a Pod that its node does not run. */
export function rejectedStatus(
  pod: NodePod,
  { reason, message, startTime }: { reason: string; message: string; startTime: string },
): PodStatus {
  const { generation } = pod.metadata;
  return {
    ...(generation && { observedGeneration: generation }),
    phase: 'Failed',
    reason,
    message: `Pod was rejected: ${message}`,
    qosClass: pod.status?.qosClass ?? qosClass(pod.spec),
    startTime,
  };
}

const unknown = {
  reason: 'ContainerStatusUnknown',
  message: 'The container could not be located when the pod was terminated',
  exitCode: 137,
};

/**
 * Of a Pod that is over nothing waits: containers whose turn had come count as ended in an unknown way (the kubelet's
 * status manager, TerminatePod).
 */
function endStatuses({ spec }: NodePod, status: PodStatus): void {
  const { initContainerStatuses: inits = [], containerStatuses = [] } = status;
  const begun = inits.findLastIndex(hasRun);
  const last = inits.at(-1);
  const isLastDone = spec.initContainers?.at(-1)?.restartPolicy === 'Always' ? last?.started : last?.ready;
  const isInitialized = last === undefined || isLastDone === true || containerStatuses.some(hasRun);
  for (const one of [...inits.slice(0, Math.max(begun, 0) + 1), ...(isInitialized ? containerStatuses : [])])
    if (!one.state?.terminated) one.state = { terminated: { ...unknown } };
}

function hasRun({ state, lastState }: ContainerStatus): boolean {
  return !state?.waiting || lastState?.terminated !== undefined;
}

/** The kubelet sorts them, init containers excepted. */
function byName<T extends { name: string }>(statuses: T[]): T[] {
  return statuses.sort((a, b) => (a.name < b.name ? -1 : 1));
}
