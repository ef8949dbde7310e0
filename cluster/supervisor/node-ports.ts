import { setTimeout as delay } from 'node:timers/promises';
import type { KubeObject } from '@skiff/api/meta';
import type { HostPortBroker } from '../network/host-ports.ts';

/** Node agents ask for a port when they know that its Service has endpoints, which is soon after that is so. */
const LIMIT_MS = 2_000;

/** Resolves when every node port that these manifests name is open on this machine, or was found to be in use: with the open ones. */
export async function untilNodePortsOpen(broker: HostPortBroker, objects: readonly KubeObject[]): Promise<number[]> {
  const wanted = objects.flatMap(nodePorts);
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const open = new Set(broker.list().map(({ port }) => port));
    const known = new Set([...open, ...broker.refused().map(({ port }) => port)]);
    if (wanted.every((port) => known.has(port)) || performance.now() > deadline)
      return wanted.filter((port) => open.has(port));
    await delay(10);
  }
}

function nodePorts({ kind, spec }: KubeObject): number[] {
  if (kind !== 'Service') return [];
  const { ports = [] } = spec as { ports?: { nodePort?: number }[] }; // a manifest of ours
  return ports.flatMap(({ nodePort }) => nodePort ?? []);
}
