import { run } from '../exec.ts';
import { type FlowSelector, forgetFlows, staleFlows } from './conntrack.ts';
import { changes, emptyTable, type TableContent } from './nft-changes.ts';
import { baseRules, type NodeAddresses, type ServiceRules, serviceRules, sharedElements, TABLE } from './nft-rules.ts';
import { sendInTransactions } from './nft-transactions.ts';
import { programmed } from './programmed.ts';
import type { ProgrammedServices, Proxier, ServicePortEntry, ServiceTable } from './proxier.ts';

export interface NftablesProxierOptions extends NodeAddresses {
  /** Whether the program `conntrack` is there. Without it, a UDP client that keeps its port may stay with an endpoint that is gone. */
  readonly conntrack: boolean;
}

/**
 * Services as rules of the kernel, in the network namespace of this process: kube-proxy's nftables mode in miniature. The first table
 * replaces what an earlier agent left, later ones change only what differs. A failed apply leaves the kernel with a
 * part of the change; the next one then begins anew.
 */
export class NftablesProxier implements Proxier {
  readonly mode = 'nftables';
  readonly #options: NftablesProxierOptions;
  /** Undefined while it isn't known what the kernel holds. */
  #content: TableContent | undefined;
  #entries: ReadonlyMap<string, ServicePortEntry> = new Map();

  /** Flows still to be forgotten, where a try failed. */
  #stale: FlowSelector[] = [];

  constructor(options: NftablesProxierOptions) {
    this.#options = options;
  }

  async apply(table: ServiceTable): Promise<void> {
    const entries = new Map(table.services.map((entry) => [entry.name, entry]));
    const wanted = { services: this.#rules(entries), shared: sharedElements(table.services) };
    const before = this.#content;
    const pieces = changes(before ?? emptyTable, wanted);
    if (before === undefined) pieces.unshift(baseRules(this.#options));
    this.#content = undefined;
    await sendInTransactions(pieces, nft);
    this.#content = wanted;
    const previous = before === undefined ? new Map<string, ServicePortEntry>() : this.#entries;
    this.#entries = entries;
    if (!this.#options.conntrack) return;
    this.#stale.push(...this.#staleFlows(previous));
    await forgetFlows(this.#stale);
    this.#stale = [];
  }

  async observe(): Promise<ProgrammedServices> {
    return programmed(this.mode, this.#content === undefined ? [] : this.#entries.values());
  }

  async close(): Promise<void> {
    this.#content = undefined;
    this.#entries = new Map();
    await nft(`add table ${TABLE}\ndelete table ${TABLE}\n`);
  }

  /** Entries that stay as they are keep their rules, so that comparing 1,000 of them costs nothing. */
  #rules(entries: ReadonlyMap<string, ServicePortEntry>): Map<string, ServiceRules> {
    return new Map(
      [...entries].map(([name, entry]) => {
        const before = this.#entries.get(name);
        const kept = before !== undefined && sameEntry(before, entry) ? this.#content?.services.get(name) : undefined;
        return [name, kept ?? serviceRules(entry, this.#options)];
      }),
    );
  }

  #staleFlows(previous: ReadonlyMap<string, ServicePortEntry>): FlowSelector[] {
    const names = new Set([...previous.keys(), ...this.#entries.keys()]);
    return [...names].flatMap((name) => staleFlows(previous.get(name), this.#entries.get(name), this.#options.nodeIP));
  }
}

function nft(commands: string): Promise<string> {
  return run('nft', ['-f', '-'], { input: commands });
}

function sameEntry(a: ServicePortEntry, b: ServicePortEntry): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
