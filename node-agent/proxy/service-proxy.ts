import type { EndpointSlice, Node, Service } from '@skiff/api/types';
import { HealthCheckServers } from './health-check-servers.ts';
import type { Proxier, ServiceTable } from './proxier.ts';
import { serviceTable, type TableMemory } from './service-table.ts';

/** What this needs of `Informers` in client/informer.ts. */
export interface ServiceInformers {
  for(kind: 'Service'): ServiceSource<Service>;
  for(kind: 'EndpointSlice'): ServiceSource<EndpointSlice>;
}

export interface ServiceSource<T> {
  list(): T[];
  onChange(handler: () => void): () => void;
  synced(): Promise<void>;
}

/** The part of a pino logger that is used. */
export interface Logger {
  warn(about: object, message: string): void;
}

/** The Services, and what the node now does for them. */
export interface ProgrammedState {
  readonly services: readonly Service[];
  readonly table: ServiceTable;
  /** This node, while there is such an object. */
  readonly node: Node | undefined;
}

export interface ServiceProxyOptions {
  readonly informers: ServiceInformers;
  readonly nodeName: string;
  /** Knows this node, whose labels say in which zone it is. */
  readonly nodes: ServiceSource<Node>;
  /** Health check node ports are answered on this address. */
  readonly nodeIP: string;
  readonly proxier: Proxier;
  readonly logger: Logger;
  /** Called each time after new connections follow a new table. */
  readonly onProgrammed?: (state: ProgrammedState) => void;
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 10_000;

/**
 * Keeps a node's Services as the API server has them. Changes that come while the proxier works are taken together: one table at a time
 * is applied, and always the latest. A failure is tried again until it succeeds.
 */
export class ServiceProxy {
  readonly #options: ServiceProxyOptions;
  readonly #healthChecks: HealthCheckServers;
  readonly #memory: TableMemory = new Map();
  readonly #synced = Promise.withResolvers<void>();
  #wake = Promise.withResolvers<void>();
  #changed = false;
  #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #unsubscribe: (() => void)[] = [];

  constructor(options: ServiceProxyOptions) {
    this.#options = options;
    this.#healthChecks = new HealthCheckServers({ address: options.nodeIP });
  }

  start({ signal }: { signal: AbortSignal }): void {
    const { informers, nodes } = this.#options;
    const services = informers.for('Service');
    const slices = informers.for('EndpointSlice');
    this.#unsubscribe = [services, slices, nodes].map((source) => source.onChange(() => this.#change()));
    signal.addEventListener('abort', () => this.#end(), { once: true });
    if (signal.aborted) this.#end();
    this.#running = this.#run(services, slices);
  }

  /** Resolves when the node follows all that was there when the informers had synced. */
  synced(): Promise<void> {
    return this.#synced.promise;
  }

  /** Stops following. Rules stay, so that traffic flows while the agent restarts; closing the proxier removes them. */
  async close(): Promise<void> {
    this.#end();
    await this.#running;
    await this.#healthChecks.close();
  }

  #change(): void {
    this.#changed = true;
    this.#wake.resolve();
  }

  #end(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#unsubscribe = [];
    this.#stop.abort();
    this.#wake.resolve();
  }

  async #run(services: ServiceSource<Service>, slices: ServiceSource<EndpointSlice>): Promise<void> {
    const { signal } = this.#stop;
    // Half of the world would look as if Services had lost their endpoints.
    const { nodes } = this.#options;
    const synced = [services, slices, nodes].map((source) => source.synced());
    await Promise.race([Promise.all(synced), aborted(signal)]);
    this.#changed = true;
    let retryMs = FIRST_RETRY_MS;
    while (!signal.aborted) {
      if (!this.#changed) {
        this.#wake = Promise.withResolvers<void>();
        await this.#wake.promise;
        continue;
      }
      this.#changed = false;
      try {
        await this.#apply({ services: services.list(), endpointSlices: slices.list() });
        retryMs = FIRST_RETRY_MS;
        this.#synced.resolve();
      } catch (error) {
        this.#options.logger.warn({ err: error, retryMs }, 'Services could not be programmed');
        this.#changed = true;
        await pause(retryMs, signal);
        retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
      }
    }
  }

  async #apply(world: { services: Service[]; endpointSlices: EndpointSlice[] }): Promise<void> {
    const { nodeName, nodes } = this.#options;
    const node = nodes.list().find(({ metadata }) => metadata.name === nodeName);
    const zone = node?.metadata.labels?.['topology.kubernetes.io/zone'];
    const table = serviceTable({ ...world, nodeName, zone }, this.#memory);
    await this.#options.proxier.apply(table);
    this.#healthChecks.update(table);
    this.#options.onProgrammed?.({ services: world.services, table, node });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([promise, aborted(signal)]);
  clearTimeout(timer);
}
