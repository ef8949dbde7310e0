import type { Node, Pod } from '@skiff/api/types';
import { allocatable, podRequests, type Resources } from './requests.ts';

/** A port of the node that a Pod takes for itself. */
export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

/** A node and what the Pods on it take, those included that were only just decided to run there. */
export class NodeInfo {
  readonly node: Node;
  readonly allocatable: Resources;
  readonly #pods = new Map<string, Pod>();
  readonly #requested = new Map<string, number>();

  constructor(node: Node, pods: Iterable<Pod> = []) {
    this.node = node;
    this.allocatable = allocatable(node);
    for (const pod of pods) this.add(pod);
  }

  get name(): string {
    return this.node.metadata.name;
  }

  pods(): Iterable<Pod> {
    return this.#pods.values();
  }

  requested(resource: string): number {
    return this.#requested.get(resource) ?? 0;
  }

  add(pod: Pod): void {
    this.remove(pod);
    this.#pods.set(uidOf(pod), pod);
    this.#count(pod, 1);
  }

  remove(pod: Pod): void {
    const known = this.#pods.get(uidOf(pod));
    if (!known) return;
    this.#pods.delete(uidOf(pod));
    this.#count(known, -1);
  }

  #count(pod: Pod, sign: 1 | -1): void {
    for (const [name, amount] of podRequests(pod)) {
      this.#requested.set(name, this.requested(name) + sign * amount);
    }
  }
}

export const uidOf = (pod: Pod): string => pod.metadata.uid ?? '';

export function hostPorts(pod: Pod): HostPort[] {
  const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  return containers.flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort, protocol = 'TCP', hostIP = '0.0.0.0' }) =>
      hostPort ? [{ ip: hostIP, protocol, port: hostPort }] : [],
    ),
  );
}
