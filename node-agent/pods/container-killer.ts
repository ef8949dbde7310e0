import type { ContainerStatus as RuntimeStatus } from '../runtime/runtime.ts';
import { aboutContainer } from './container-reference.ts';
import { runHook } from './lifecycle-hook.ts';
import type { NodeServices } from './node-services.ts';
import { type Container, isSidecar, type NodePod } from './types.ts';

/** What programs get at least after their TERM, as with the kubelet. */
const LEAST_GRACE_MS = 2000;

export interface KillOptions {
  readonly podIP: string;
  /** When it is to be over, in milliseconds since the epoch. */
  readonly until: number;
  /** For the Event. */
  readonly message?: string;
}

/** Ends one container: its preStop hook, TERM, and KILL when the time is up. Resolves when it has ended. */
export async function killContainer(
  node: NodeServices,
  { pod, container, status }: { pod: NodePod; container: Container; status: RuntimeStatus },
  { podIP, until, message = `Stopping container ${container.name}` }: KillOptions,
): Promise<void> {
  const { clock, events, runtime } = node;
  const about = aboutContainer(pod, container);
  events.event(about, 'Normal', 'Killing', message);
  const hook = container.lifecycle?.preStop;
  const graceMs = until - clock.now();
  if (hook && graceMs > 0) {
    const target = { container, containerId: status.id, podIP, runtime };
    await runHook(hook, target, AbortSignal.timeout(graceMs)).catch((error: unknown) => {
      events.event(
        about,
        'Warning',
        'FailedPreStopHook',
        `PreStopHook failed: ${error instanceof Error ? error.message : error}`,
      );
    });
  }
  const signal = container.lifecycle?.stopSignal;
  const left = Math.max(until - clock.now(), Math.min(graceMs, LEAST_GRACE_MS), 0);
  await runtime.stopContainer(status.id, { graceMs: left, ...(signal && { signal }) });
}

/** Ends all containers of a Pod that run: first the main ones, then the sidecars, the last started first. */
export async function killPod(
  node: NodeServices,
  pod: NodePod,
  running: ReadonlyMap<Container, RuntimeStatus>,
  options: KillOptions,
): Promise<void> {
  const kill = ([container, status]: [Container, RuntimeStatus]): Promise<void> =>
    killContainer(node, { pod, container, status }, options);
  const { initContainers = [] } = pod.spec;
  const sidecars = [...running].filter(([container]) => initContainers.includes(container) && isSidecar(container));
  const others = [...running].filter((entry) => !sidecars.includes(entry));
  await Promise.all(others.map(kill));
  for (const sidecar of sidecars.reverse()) await kill(sidecar);
}
