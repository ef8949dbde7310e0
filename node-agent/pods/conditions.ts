import { formatTime } from '../clock.ts';
import type { PodObservation } from './pod-status.ts';
import type { ContainerStatus, NodePod, PodCondition, PodStatus } from './types.ts';

type Finding = Pick<PodCondition, 'type' | 'status' | 'reason' | 'message'>;

/** A Pod's conditions (Kubernetes: "Pod Lifecycle", "Pod conditions"), each with the time since when it has been so. */
export function podConditions(
  pod: NodePod,
  status: PodStatus,
  options: Pick<PodObservation, 'hasNetwork' | 'unready' | 'now'>,
): PodCondition[] {
  const { phase, containerStatuses = [], initContainerStatuses = [] } = status;
  const containers = containersReady(phase, containerStatuses, options.unready);
  const findings: Finding[] = [
    { type: 'PodReadyToStartContainers', status: options.hasNetwork ? 'True' : 'False' },
    initialized(phase, initContainerStatuses, containerStatuses),
    ready(pod, containers),
    containers,
    { type: 'PodScheduled', status: 'True' },
  ];
  const time = formatTime(options.now);
  const { generation } = pod.metadata;
  return findings.map((found) => {
    const before = pod.status?.conditions?.find(({ type }) => type === found.type);
    const since = before?.status === found.status ? before.lastTransitionTime : undefined;
    return { ...found, lastTransitionTime: since ?? time, ...(generation && { observedGeneration: generation }) };
  });
}

function containersReady(
  phase: string | undefined,
  statuses: readonly ContainerStatus[],
  reason: PodObservation['unready'],
): Finding {
  const type = 'ContainersReady';
  if (phase === 'Succeeded') return { type, status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { type, status: 'False', reason: 'PodFailed' };
  const unready = statuses.filter((container) => !container.ready).map(({ name }) => name);
  if (unready.length === 0) return { type, status: 'True' };
  if (reason) return { type, status: 'False', ...reason };
  const message = `containers with unready status: [${unready.join(' ')}]`;
  return { type, status: 'False', reason: 'ContainersNotReady', message };
}

function ready(pod: NodePod, containers: Finding): Finding {
  if (containers.status !== 'True') return { ...containers, type: 'Ready' };
  const messages = (pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const gate = pod.status?.conditions?.find(({ type }) => type === conditionType);
    if (gate?.status === 'True') return [];
    return gate
      ? `the status of pod readiness gate "${conditionType}" is not "True", but ${gate.status}`
      : `corresponding condition of pod readiness gate "${conditionType}" does not exist.`;
  });
  if (messages.length === 0) return { type: 'Ready', status: 'True' };
  return { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', message: messages.join(', ') };
}

function initialized(
  phase: string | undefined,
  inits: readonly ContainerStatus[],
  containers: readonly ContainerStatus[],
): Finding {
  const type = 'Initialized';
  if (phase === 'Succeeded') return { type, status: 'True', reason: 'PodCompleted' };
  // Once a container has run, all before it were done.
  const begun = containers.some(({ state, lastState }) => !state?.waiting || lastState?.terminated);
  const incomplete = begun ? [] : inits.filter(({ ready, started }) => !ready && !started).map(({ name }) => name);
  if (incomplete.length === 0) return { type, status: 'True' };
  const message = `containers with incomplete status: [${incomplete.join(' ')}]`;
  return { type, status: 'False', reason: 'ContainersNotInitialized', message };
}
