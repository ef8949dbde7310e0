import { EndpointChooser } from './endpoint-chooser.ts';
import type { EndpointAddress, ServicePortEntry } from './proxier.ts';
import { SourceRanges } from './source-ranges.ts';

/** By which of a Service's addresses a client comes. */
export type Way = 'internal' | 'external' | 'balancer';

export interface Caller {
  readonly address: string;
  readonly way: Way;
  /** Endpoints that have refused this connection already. */
  readonly refused?: ReadonlySet<EndpointAddress> | undefined;
}

/** Chooses, connection by connection, who answers a client of a Service: by its policies, its source ranges and its affinity. */
export class ServiceChoice {
  readonly #choosers = new Map<string, EndpointChooser>();
  readonly #isOwn: (client: string) => boolean;

  /** `isOwn`: whether a client is this node or one of its Pods. */
  constructor({ isOwn }: { isOwn: (client: string) => boolean }) {
    this.#isOwn = isOwn;
  }

  /** Undefined where there is no endpoint for this client. */
  choose(entry: ServicePortEntry, { address, way, refused }: Caller): EndpointAddress | undefined {
    const endpoints = this.#endpointsFor(entry, { address, way }).filter((one) => refused?.has(one) !== true);
    const chooser = this.#choosers.get(entry.name) ?? new EndpointChooser();
    this.#choosers.set(entry.name, chooser);
    return chooser.choose(endpoints, { address, affinitySeconds: entry.affinitySeconds });
  }

  /** Forgets the clients of all other Services. */
  keepOnly(entries: readonly ServicePortEntry[]): void {
    const names = new Set(entries.map(({ name }) => name));
    for (const name of this.#choosers.keys()) if (!names.has(name)) this.#choosers.delete(name);
  }

  #endpointsFor(entry: ServicePortEntry, { address, way }: Caller): readonly EndpointAddress[] {
    const { sourceRanges } = entry;
    if (way === 'balancer' && sourceRanges && !new SourceRanges(sourceRanges).includes(address)) return [];
    if (way === 'internal' || (entry.externalTrafficPolicy === 'Local' && this.#isOwn(address))) return entry.endpoints;
    return entry.externalEndpoints;
  }
}

/** Whether an endpoint that was chosen before may go on being used. */
export function stillServes(entry: ServicePortEntry, { ip, port }: { ip: string; port: number }): boolean {
  return [...entry.endpoints, ...entry.externalEndpoints].some((one) => one.ip === ip && one.port === port);
}
