import { basename } from 'node:path';
import type { ContainerListeners } from '../network/container-listeners.ts';
import { hasOneLoopbackAddress } from '../network/port-directory.ts';
import type { Container } from '../pods/types.ts';
import type { ContainerStatus } from '../runtime/runtime.ts';
import type { ContainerProbes, PodProbesOptions, Unready } from './pod-probes.ts';

/** How long a program has, from its start, to show where it listens. */
const SHOW_MS = 1000;
const REASON = 'ListensOnAllAddresses';

export interface AddressCheckOptions extends Pick<PodProbesOptions, 'pod' | 'podIP' | 'clock' | 'events' | 'onChange'> {
  readonly probes: ContainerProbes;
  readonly listeners: Pick<ContainerListeners, 'portsOf' | 'watch' | 'look'>;
}

/**
 * The probes of a Pod on the host's network, and one more: a container that listens on all addresses of the machine is not ready, because it
 * answers for all other Pods, and keeps its port from them. An Event tells what to do. Until it was seen, no Service may lead to it: that one's
 * port would be taken, and the program would fail without anybody being told why. Node programs are kept to their address by the preload.
 */
export class AddressCheck implements ContainerProbes {
  readonly #options: AddressCheckOptions;
  readonly #followed = new Map<string, string>();
  readonly #told = new Set<string>();
  /** Containers that have not had the time to show where they listen. */
  readonly #seen = new Set<string>();
  readonly #unseen = new Map<string, () => void>();
  #unwatch: (() => void) | undefined;

  constructor(options: AddressCheckOptions) {
    this.#options = options;
  }

  follow(running: ReadonlyMap<Container, ContainerStatus>, options?: { ending: boolean }): void {
    const { probes, listeners, pod } = this.#options;
    probes.follow(running, options);
    this.#followed.clear();
    // Who wants the host's own network may listen there as it likes.
    const onOwnAddress = pod().spec.hostNetwork !== true;
    for (const [container, status] of onOwnAddress ? running : []) {
      this.#followed.set(container.name, status.id);
      this.#see(container, status);
    }
    if (this.#followed.size === 0) this.#stopWatching();
    else this.#unwatch ??= listeners.watch(() => this.#look());
    this.#tell();
  }

  isStarted(name: string): boolean {
    return this.#options.probes.isStarted(name);
  }

  isReady(name: string): boolean {
    const id = this.#followed.get(name) ?? '';
    return !this.#unseen.has(id) && this.#portsOf(name).length === 0 && this.#options.probes.isReady(name);
  }

  failure(name: string): string | undefined {
    return this.#options.probes.failure(name);
  }

  get unready(): Unready | undefined {
    const containers = [...this.#followed.keys()].filter((name) => this.#portsOf(name).length > 0);
    if (containers.length === 0) return undefined;
    const what = containers.map((name) => `${name}: ${this.#portsOf(name).join(', ')}`).join('; ');
    return { reason: REASON, message: `containers listen on all addresses of the machine: [${what}]` };
  }

  stop(): void {
    for (const cancel of this.#unseen.values()) cancel();
    this.#unseen.clear();
    this.#stopWatching();
    this.#options.probes.stop();
  }

  /** Looks once when a program has had its time; at once where it has run before, with another agent. */
  #see(container: Container, { id, imageId, startedAt }: ContainerStatus): void {
    if (this.#seen.has(id)) return;
    this.#seen.add(id);
    if (imageId.startsWith('builtin://') || basename(container.command?.[0] ?? '') === 'node') return;
    const { clock, listeners } = this.#options;
    const leftMs = Date.parse(startedAt ?? '') + SHOW_MS - clock.now();
    if (!(leftMs > 0)) {
      listeners.look();
      return;
    }
    const cancel = clock.after(leftMs, () => {
      this.#unseen.delete(id);
      listeners.look();
      this.#look();
    });
    this.#unseen.set(id, cancel);
  }

  #stopWatching(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  #portsOf(name: string): readonly string[] {
    const id = this.#followed.get(name);
    return id === undefined ? [] : this.#options.listeners.portsOf(id);
  }

  #look(): void {
    this.#tell();
    this.#options.onChange();
  }

  /** Once for each port of a container. */
  #tell(): void {
    const { pod, podIP, events } = this.#options;
    const host = hasOneLoopbackAddress() ? '127.0.0.1' : podIP();
    for (const [name, id] of this.#followed)
      for (const port of this.#portsOf(name)) {
        if (this.#told.has(`${id} ${port}`)) continue;
        this.#told.add(`${id} ${port}`);
        const message =
          `Container ${name} listens on port ${port} of all addresses of this machine. Pods share them here: it would answer for ` +
          'the others too, and keep its port from them. It is not ready until it listens on one address alone, which its variable HOST ' +
          `says (${host}), on the port that PORT says, where that is set`;
        events.event(pod(), 'Warning', REASON, message);
      }
  }
}
