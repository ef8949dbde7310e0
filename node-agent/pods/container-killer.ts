import type { ContainerStatus as RuntimeStatus } from '../runtime/runtime.ts';
import { aboutContainer } from './container-reference.ts';
import { runHook } from './lifecycle-hook.ts';
import type { NodeServices } from './node-services.ts';
import { type Container, isSidecar, type NodePod } from './types.ts';

type Surroundings = Pick<NodeServices, 'clock' | 'events' | 'runtime'>;

/** What programs get at least after their TERM, as with the kubelet. */
const LEAST_GRACE_MS = 2000;

export interface KillOptions {
  readonly podIP: string;
  /** When it is to be over, in milliseconds since the epoch. */
  readonly until: number;
  /** For the Event. */
  readonly message?: string;
  /** Its TERM comes when this resolves, or when the time is up. */
  readonly turn?: Promise<unknown>;
}

/** Ends one container: its preStop hook, TERM in its turn, and KILL when the time is up. Resolves when it has ended. */
export async function killContainer(
  node: Surroundings,
  { pod, container, status }: { pod: NodePod; container: Container; status: RuntimeStatus },
  { podIP, until, message = `Stopping container ${container.name}`, turn }: KillOptions,
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
  if (turn) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = clock.after(Math.max(0, until - clock.now()), resolve);
    await Promise.race([turn, promise]);
    cancel();
  }
  const signal = container.lifecycle?.stopSignal;
  const left = Math.max(until - clock.now(), Math.min(graceMs, LEAST_GRACE_MS), 0);
  await runtime.stopContainer(status.id, { graceMs: left, ...(signal && { signal }) });
}

/**
 * Ends all containers of a Pod that run: first the main ones, then the sidecars, the last started first. All preStop hooks run at once, as
 * with the kubelet (KEP-753).
 */
export async function killPod(
  node: Surroundings,
  pod: NodePod,
  running: ReadonlyMap<Container, RuntimeStatus>,
  options: KillOptions,
): Promise<void> {
  const kill = ([container, status]: [Container, RuntimeStatus], turn?: Promise<unknown>): Promise<void> =>
    killContainer(node, { pod, container, status }, { ...options, ...(turn && { turn }) });
  // By name: what runs may come from an older object of the same Pod.
  const names = (pod.spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name);
  const others = [...running].filter(([{ name }]) => !names.includes(name));
  const sidecars = [...running].filter(([{ name }]) => names.includes(name));
  const ends = others.map((other) => kill(other));
  for (const sidecar of sidecars.reverse()) ends.push(kill(sidecar, Promise.allSettled([...ends])));
  await Promise.all(ends);
}
