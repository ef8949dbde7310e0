import type { ContainerStatus as RuntimeStatus } from '../runtime/runtime.ts';
import type { PodHistory } from './container-history.ts';
import { type Container, isSidecar, type NodePod } from './types.ts';

export interface PodPlan {
  /** Containers to start now, in this order; those that failed before are subject to back-off. */
  readonly start: readonly Container[];
  /** Running containers that have nothing left to do: sidecars of a Pod that is over. */
  readonly stop: readonly RuntimeStatus[];
  /** Whether nothing runs and nothing will be started again. */
  readonly finished: boolean;
}

/**
 * Whether a container that ended with this code is to be started again: by the first of its own rules that fits, its own policy, the
 * Pod's (KEP-5307).
 */
export function restarts(pod: NodePod, container: Container, exitCode: number): boolean {
  const rule = container.restartPolicyRules?.find(({ exitCodes }) => {
    const { operator, values = [] } = exitCodes ?? {};
    return operator === 'In' ? values.includes(exitCode) : operator === 'NotIn' && !values.includes(exitCode);
  });
  if (rule) return rule.action === 'Restart';
  const policy = container.restartPolicy ?? pod.spec.restartPolicy ?? 'Always';
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

/** Containers for debugging are started once, whatever becomes of them. */
function newEphemeral({ ephemeralContainers = [] }: NodePod['spec'], history: PodHistory): Container[] {
  return ephemeralContainers.filter(({ name }) => {
    const latest = history.get(name)?.latest;
    return latest === undefined || latest.state === 'created';
  });
}

/**
 * What to do next for a Pod, from how its containers are now (Kubernetes: "Init Containers", "Pod Lifecycle"). `isStarted` tells of a
 * running container whether its startup probe, if it has one, has succeeded.
 */
export function planPod(pod: NodePod, history: PodHistory, isStarted: (name: string) => boolean): PodPlan {
  const start: Container[] = newEphemeral(pod.spec, history);
  const inits = pod.spec.initContainers ?? [];
  const latest = (container: Container): RuntimeStatus | undefined => history.get(container.name)?.latest;
  const begun = pod.spec.containers.some((container) => latest(container) !== undefined);
  for (const container of inits) {
    const status = latest(container);
    if (isSidecar(container)) {
      if (status?.state !== 'running') start.push(container);
      else if (isStarted(container.name)) continue;
      if (!begun) return { start, stop: [], finished: false };
    } else if (!begun) {
      if (status?.state === 'exited' && status.exitCode === 0) continue;
      if (status?.state === 'exited' && !restarts(pod, container, status.exitCode ?? 1)) return over(inits, latest);
      return { start: status?.state === 'running' ? start : [...start, container], stop: [], finished: false };
    }
  }
  const statuses = pod.spec.containers.map((container) => ({ container, status: latest(container) }));
  const isOver = ({ container, status }: (typeof statuses)[number]): boolean =>
    status?.state === 'exited' && !restarts(pod, container, status.exitCode ?? 1);
  if (statuses.every(isOver)) return over(inits, latest);
  const missing = statuses.filter((one) => one.status?.state !== 'running' && !isOver(one));
  return { start: [...start, ...missing.map(({ container }) => container)], stop: [], finished: false };
}

function over(inits: readonly Container[], latest: (container: Container) => RuntimeStatus | undefined): PodPlan {
  const running = inits.map(latest).filter((status): status is RuntimeStatus => status?.state === 'running');
  return { start: [], stop: running.reverse(), finished: running.length === 0 };
}
