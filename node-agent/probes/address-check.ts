import type { ContainerListeners } from '../network/container-listeners.ts';
import type { Container } from '../pods/types.ts';
import type { ContainerStatus } from '../runtime/runtime.ts';
import type { ContainerProbes, PodProbesOptions, Unready } from './pod-probes.ts';

const REASON = 'ListensOnAllAddresses';

export interface AddressCheckOptions extends Pick<PodProbesOptions, 'pod' | 'podIP' | 'events' | 'onChange'> {
  readonly probes: ContainerProbes;
  readonly listeners: Pick<ContainerListeners, 'portsOf' | 'watch'>;
}

/**
 * The probes of a Pod on the host's network, and one more: a container that listens on all addresses of the machine is not ready, because it
 * answers for all other Pods, and keeps its port from them. An Event tells what to do.
 */
export class AddressCheck implements ContainerProbes {
  readonly #options: AddressCheckOptions;
  readonly #followed = new Map<string, string>();
  readonly #told = new Set<string>();
  #unwatch: (() => void) | undefined;

  constructor(options: AddressCheckOptions) {
    this.#options = options;
  }

  follow(running: ReadonlyMap<Container, ContainerStatus>, options?: { ending: boolean }): void {
    const { probes, listeners, pod } = this.#options;
    probes.follow(running, options);
    this.#followed.clear();
    // Who wants the host's own network may listen there as it likes.
    if (pod().spec.hostNetwork !== true) for (const [{ name }, { id }] of running) this.#followed.set(name, id);
    if (this.#followed.size === 0) this.#stopWatching();
    else this.#unwatch ??= listeners.watch(() => this.#look());
    this.#tell();
  }

  isStarted(name: string): boolean {
    return this.#options.probes.isStarted(name);
  }

  isReady(name: string): boolean {
    return this.#portsOf(name).length === 0 && this.#options.probes.isReady(name);
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
    this.#stopWatching();
    this.#options.probes.stop();
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
    for (const [name, id] of this.#followed)
      for (const port of this.#portsOf(name)) {
        if (this.#told.has(`${id} ${port}`)) continue;
        this.#told.add(`${id} ${port}`);
        const message =
          `Container ${name} listens on port ${port} of all addresses of this machine. Pods share them here: it would answer for ` +
          `the others too, and keep its port from them. It is not ready until it listens on the Pod's address alone, ${podIP()}, ` +
          'as the variable HOST says (and PORT, where its port is known)';
        events.event(pod(), 'Warning', REASON, message);
      }
  }
}
