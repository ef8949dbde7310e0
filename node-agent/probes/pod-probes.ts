import type { EventRecorder } from '@skiff/client/events';
import type { Clock } from '../clock.ts';
import { aboutContainer } from '../pods/container-reference.ts';
import type { Container, NodePod, Probe } from '../pods/types.ts';
import type { ContainerRuntime, ContainerStatus } from '../runtime/runtime.ts';
import { Prober } from './prober.ts';
import { runProbe } from './run-probe.ts';

export interface PodProbesOptions {
  readonly pod: () => NodePod;
  readonly podIP: () => string;
  readonly runtime: ContainerRuntime;
  readonly clock: Clock;
  readonly events: EventRecorder;
  /** Something that {@link PodProbes.isReady}, `isStarted` or `failure` tells has changed. */
  readonly onChange: () => void;
}

/** What tells of running containers whether they started up, are ready and are well. */
export interface ContainerProbes {
  /** Probes these containers, which run now, and no others; while they are ending, only whether they are ready. */
  follow(running: ReadonlyMap<Container, ContainerStatus>, options?: { ending: boolean }): void;
  /** Whether a running container has started up. Always, where it has no startup probe. */
  isStarted(name: string): boolean;
  /** Whether a running container takes requests. */
  isReady(name: string): boolean;
  /** Which probe wants the container restarted: `liveness` or `startup`. */
  failure(name: string): string | undefined;
  /** Why containers are not ready, where it is not for their probes. */
  readonly unready?: Unready | undefined;
  stop(): void;
}

/** As in a Pod's condition. */
export interface Unready {
  readonly reason: string;
  readonly message: string;
}

interface Followed {
  readonly id: string;
  readonly probers: Prober[];
  readonly readiness: Prober | undefined;
  readonly startup: Prober | undefined;
  /** `liveness` or `startup`, when that probe has failed for good. */
  failed: string | undefined;
}

/** All probes of one Pod. Each start of a container is probed anew. */
export class PodProbes implements ContainerProbes {
  readonly #options: PodProbesOptions;
  readonly #followed = new Map<string, Followed>();

  constructor(options: PodProbesOptions) {
    this.#options = options;
  }

  follow(running: ReadonlyMap<Container, ContainerStatus>, options?: { ending: boolean }): void {
    const names = new Map([...running].map(([{ name }, { id }]) => [name, id]));
    for (const [name, { id, probers }] of this.#followed) {
      if (names.get(name) === id) continue;
      for (const prober of probers) prober.stop();
      this.#followed.delete(name);
    }
    for (const [container, status] of running)
      if (!this.#followed.has(container.name)) this.#followed.set(container.name, this.#probe(container, status));
    if (options?.ending !== true) return;
    for (const { probers, readiness } of this.#followed.values())
      for (const prober of probers) if (prober !== readiness) prober.stop();
  }

  isStarted(name: string): boolean {
    return this.#followed.get(name)?.startup?.result ?? true;
  }

  isReady(name: string): boolean {
    return this.#followed.get(name)?.readiness?.result ?? true;
  }

  failure(name: string): string | undefined {
    return this.#followed.get(name)?.failed;
  }

  stop(): void {
    this.follow(new Map());
  }

  #probe(container: Container, status: ContainerStatus): Followed {
    const { startupProbe, livenessProbe, readinessProbe } = container;
    const isStarted = (): boolean => this.isStarted(container.name);
    const fail = (probe: string) => (success: boolean) => {
      if (!success) followed.failed = probe;
      if (success && probe === 'startup') followed.readiness?.trigger();
      this.#options.onChange();
    };
    const make = (
      name: string,
      probe: Probe | undefined,
      more: Pick<Rest, 'initially' | 'onResult' | 'once' | 'eager'>,
    ) =>
      probe &&
      this.#prober(container, status, { name, probe, ...(name !== 'Startup' && { isDue: isStarted }), ...more });
    // As it was with the agent before this one: a restart of the agent makes nothing unready.
    const { started, ready } = this.#before(status);
    const startup = started
      ? undefined
      : make('Startup', startupProbe, { initially: false, onResult: fail('startup'), once: true });
    const liveness = make('Liveness', livenessProbe, { initially: true, onResult: fail('liveness') });
    const onResult = (): void => this.#options.onChange();
    const readiness = make('Readiness', readinessProbe, { initially: ready, eager: true, onResult });
    const probers = [startup, liveness, readiness].filter((prober) => prober !== undefined);
    const followed: Followed = { id: status.id, probers, readiness, startup, failed: undefined };
    return followed;
  }

  /** What the API server was told of a container that runs. */
  #before({ id, name }: ContainerStatus): { started: boolean; ready: boolean } {
    const { containerStatuses = [], initContainerStatuses = [] } = this.#options.pod().status ?? {};
    const told = [...containerStatuses, ...initContainerStatuses].find((one) => one.name === name);
    if (told?.containerID?.endsWith(`://${id}`) !== true) return { started: false, ready: false };
    return { started: told.started === true, ready: told.ready };
  }

  #prober(container: Container, status: ContainerStatus, { name, probe, ...rest }: Rest & { name: string }): Prober {
    const { pod, podIP, runtime, clock, events } = this.#options;
    const tell = (reason: string, what: string): void =>
      events.event(aboutContainer(pod(), container), 'Warning', reason, `${name} probe ${what}`);
    return new Prober({
      ...rest,
      probe,
      clock,
      startedAt: Date.parse(status.startedAt ?? status.createdAt),
      run: async () => {
        const target = { container, containerId: status.id, podIP: podIP(), runtime };
        const { warning, ...outcome } = await runProbe(probe, target);
        if (warning !== undefined) tell('ProbeWarning', `warning: ${warning}`);
        return outcome;
      },
      onFailure: (output) => tell('Unhealthy', `failed: ${output}`),
    });
  }
}

type Rest = Pick<
  ConstructorParameters<typeof Prober>[0],
  'probe' | 'initially' | 'onResult' | 'once' | 'eager' | 'isDue'
>;
