import { BlockList, isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { run } from '../exec.ts';
import { EndpointChooser } from './endpoint-chooser.ts';
import { programmed } from './programmed.ts';
import type { ProgrammedServices, Proxier, ServicePortEntry, ServiceTable } from './proxier.ts';
import type { Listening, ServiceListener } from './service-listener.ts';
import { SourceRanges } from './source-ranges.ts';
import { listenTcp } from './tcp-listener.ts';
import { listenUdp } from './udp-listener.ts';

export interface UserspaceProxierOptions {
  /** Node ports are answered on this address. */
  readonly nodeIP: string;
  /** The node's own Pods. */
  readonly podCIDR: string;
}

/** Marks the addresses on `lo` that are Services'. */
const LABEL = 'lo:service';

/**
 * Services without the kernel's help: this process listens on every cluster IP, which it puts on the node's `lo`, and relays. For machines
 * without `nft`. Pods get here because the node is their next hop. An endpoint sees the node as its client.
 */
export class UserspaceProxier implements Proxier {
  readonly mode = 'userspace';
  readonly #nodeIP: string;
  readonly #own = new BlockList();
  /** The networks that this node is on. An external IP from there is a machine's own: to take it would cut that one off. */
  readonly #link = new BlockList();
  readonly #addresses = new Set<string>();
  readonly #listeners = new Map<string, ServiceListener>();
  readonly #choosers = new Map<string, EndpointChooser>();
  #entries: readonly ServicePortEntry[] = [];
  #clean = false;

  constructor(options: UserspaceProxierOptions) {
    this.#nodeIP = options.nodeIP;
    const [network = '', prefix = ''] = options.podCIDR.split('/');
    this.#own.addSubnet(network, Number(prefix));
    this.#own.addSubnet('127.0.0.0', 8);
    this.#own.addAddress(options.nodeIP);
    for (const { cidr, family } of Object.values(networkInterfaces()).flatMap((found) => found ?? [])) {
      const [address = '', prefix = ''] = cidr?.split('/') ?? [];
      if (family === 'IPv4' && Number(prefix) < 32) this.#link.addSubnet(address, Number(prefix));
    }
  }

  async apply(table: ServiceTable): Promise<void> {
    const wanted = new Map(table.services.flatMap((entry) => this.#listenings(entry)));
    for (const [key, listener] of this.#listeners)
      if (!wanted.has(key)) {
        this.#listeners.delete(key);
        await listener.close({ drop: false });
      }
    await this.#setAddresses(
      new Set(
        table.services
          .flatMap((one) => [one.clusterIP, ...one.externalIPs, ...one.balancerIPs])
          .filter((address) => !this.#link.check(address)),
      ),
    );
    const names = new Set(table.services.map(({ name }) => name));
    for (const name of this.#choosers.keys()) if (!names.has(name)) this.#choosers.delete(name);

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
    this.#choosers.clear();
    this.#entries = [];
    await this.#setAddresses(new Set());
  }

  /** Where no endpoint is left there is no listener, so that the kernel refuses at once. */
  #listenings(entry: ServicePortEntry): [key: string, listening: Listening][] {
    const { protocol, port, nodePort } = entry;
    const chooser = this.#choosers.get(entry.name) ?? new EndpointChooser();
    this.#choosers.set(entry.name, chooser);
    const served =
      entry.endpoints.length > 0 || entry.externalEndpoints.length > 0 || entry.endpointsElsewhere === true;
    if (!served) return [];
    const allowed = entry.sourceRanges && new SourceRanges(entry.sourceRanges);
    const places: { address: string; port: number; external: boolean; allowed?: SourceRanges | undefined }[] = [
      { address: entry.clusterIP, port, external: false },
      ...entry.externalIPs.map((address) => ({ address, port, external: true })),
      ...entry.balancerIPs.map((address) => ({ address, port, external: true, allowed })),
      ...(nodePort === undefined ? [] : [{ address: this.#nodeIP, port: nodePort, external: true }]),
    ];
    const here = places.filter(({ address }) => address === this.#nodeIP || !this.#link.check(address));
    return here.map(({ address, port, external, allowed }) => {
      const endpointsFor = (client: string) =>
        allowed?.includes(client) === false
          ? []
          : external && !(entry.externalTrafficPolicy === 'Local' && this.#isOwn(client))
            ? entry.externalEndpoints
            : entry.endpoints;
      const endpointFor: Listening['endpointFor'] = (client, refused) =>
        chooser.choose(
          endpointsFor(client).filter((one) => refused?.has(one) !== true),
          { address: client, affinitySeconds: entry.affinitySeconds },
        );
      const all = new Set([...entry.endpoints, ...entry.externalEndpoints].map((one) => `${one.ip}:${one.port}`));
      const stillServes = (one: { ip: string; port: number }) => all.has(`${one.ip}:${one.port}`);
      return [`${protocol} ${address}:${port}`, { protocol, address, port, endpointFor, stillServes }];
    });
  }

  #isOwn(client: string): boolean {
    return isIPv4(client) && (this.#own.check(client) || this.#addresses.has(client));
  }

  async #setAddresses(wanted: ReadonlySet<string>): Promise<void> {
    if (!this.#clean) await run('ip', ['address', 'flush', 'dev', 'lo', 'label', LABEL]);
    this.#clean = true;
    const commands: string[] = [];
    for (const address of this.#addresses) if (!wanted.has(address)) commands.push(`address del ${address}/32 dev lo`);
    for (const address of wanted)
      if (!this.#addresses.has(address)) commands.push(`address replace ${address}/32 dev lo label ${LABEL}`);
    if (commands.length === 0) return;
    await run('ip', ['-force', '-batch', '-'], { input: `${commands.join('\n')}\n` });
    this.#addresses.clear();
    for (const address of wanted) this.#addresses.add(address);
  }
}
