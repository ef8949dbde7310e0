import { LoAddresses } from './lo-addresses.ts';
import { ownClients } from './own-clients.ts';
import { programmed } from './programmed.ts';
import type { ProgrammedServices, Proxier, ServicePortEntry, ServiceTable } from './proxier.ts';
import { ServiceChoice, stillServes, type Way } from './service-choice.ts';
import type { Listening, ServiceListener } from './service-listener.ts';
import { listenTcp } from './tcp-listener.ts';
import { listenUdp } from './udp-listener.ts';

export interface UserspaceProxierOptions {
  /** Node ports are answered on this address. */
  readonly nodeIP: string;
  /** The node's own Pods. */
  readonly podCIDR: string;
  /**
   * On the host's network, where all addresses are loopback's: endpoints see their clients' addresses there, and this proxier answers on
   * the node's own alone. Who serves the others (host-ports/service-ports.ts) shares the choice.
   */
  readonly onHost?: ServiceChoice;
}

/**
 * Services without the kernel's help: this process listens on every cluster IP, which it puts on the node's `lo`, and relays. For machines
 * without `nft`. Pods get here because the node is their next hop. An endpoint sees the node as its client.
 */
export class UserspaceProxier implements Proxier {
  readonly mode = 'userspace';
  readonly #nodeIP: string;
  readonly #keepsClient: boolean;
  readonly #addresses: LoAddresses | undefined;
  readonly #choice: ServiceChoice;
  readonly #listeners = new Map<string, ServiceListener>();
  #entries: readonly ServicePortEntry[] = [];

  constructor(options: UserspaceProxierOptions) {
    this.#nodeIP = options.nodeIP;
    this.#keepsClient = options.onHost !== undefined;
    const addresses = options.onHost ? undefined : new LoAddresses();
    const isOwn = ownClients(options);
    this.#addresses = addresses;
    this.#choice =
      options.onHost ??
      new ServiceChoice({
        isOwn: (client) => isOwn(client) || client.startsWith('127.') || addresses?.has(client) === true,
      });
  }

  async apply(table: ServiceTable): Promise<void> {
    const wanted = new Map(table.services.flatMap((entry) => this.#listenings(entry)));
    for (const [key, listener] of this.#listeners)
      if (!wanted.has(key)) {
        this.#listeners.delete(key);
        await listener.close({ drop: false });
      }
    await this.#addresses?.replace(
      table.services.flatMap((one) => [one.clusterIP, ...one.externalIPs, ...one.balancerIPs]),
    );
    this.#choice.keepOnly(table.services);

    const opened = [...wanted].map(async ([key, listening]) => {
      const listener = this.#listeners.get(key);
      if (listener !== undefined) listener.update(listening);
      else this.#listeners.set(key, await (listening.protocol === 'TCP' ? listenTcp : listenUdp)(listening));
    });
    const failed = (await Promise.allSettled(opened)).find((result) => result.status === 'rejected');
    this.#entries = table.services;
    if (failed !== undefined) throw failed.reason;
  }

  async observe(): Promise<ProgrammedServices> {
    return programmed(this.mode, this.#entries);
  }

  async close(): Promise<void> {
    for (const listener of this.#listeners.values()) await listener.close({ drop: true });
    this.#listeners.clear();
    this.#choice.keepOnly([]);
    this.#entries = [];
    await this.#addresses?.replace([]);
  }

  /** Where no endpoint is left there is no listener, so that the kernel refuses at once. */
  #listenings(entry: ServicePortEntry): [key: string, listening: Listening][] {
    const { protocol, port, nodePort } = entry;
    const served =
      entry.endpoints.length > 0 || entry.externalEndpoints.length > 0 || entry.endpointsElsewhere === true;
    if (!served) return [];
    const places: { address: string; port: number; way: Way }[] = [
      { address: entry.clusterIP, port, way: 'internal' },
      ...entry.externalIPs.map((address) => ({ address, port, way: 'external' as const })),
      ...entry.balancerIPs.map((address) => ({ address, port, way: 'balancer' as const })),
      ...(nodePort === undefined ? [] : [{ address: this.#nodeIP, port: nodePort, way: 'external' as const }]),
    ];
    const here = places.filter(({ address }) => address === this.#nodeIP || this.#addresses?.mayHave(address) === true);
    return here.map(({ address, port, way }) => {
      const listening: Listening = {
        ...{ protocol, address, port, keepsClient: this.#keepsClient },
        endpointFor: (client, refused) => this.#choice.choose(entry, { address: client, way, refused }),
        stillServes: (endpoint) => stillServes(entry, endpoint),
      };
      return [`${protocol} ${address}:${port}`, listening];
    });
  }
}
