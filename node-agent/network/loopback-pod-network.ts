import { PodAddresses } from './pod-addresses.ts';
import type { PodInterface, PodNetwork } from './pod-network.ts';
import type { PortDirectory } from './port-directory.ts';

export interface LoopbackPodNetworkOptions {
  /** The node's range: `127.100.1.0/24`. */
  readonly podCIDR: string;
  /** Where the addresses given out are remembered. */
  readonly stateDir: string;
  readonly directory: PortDirectory;
}

/**
 * The host's own network, where namespaces are refused: each Pod gets an address of loopback, which is there without being made. Nothing
 * but their own good will keeps programs to it.
 */
export class LoopbackPodNetwork implements PodNetwork {
  readonly #addresses: PodAddresses;
  readonly #directory: PortDirectory;

  constructor({ directory, ...options }: LoopbackPodNetworkOptions) {
    this.#addresses = new PodAddresses(options);
    this.#directory = directory;
  }

  async setUp(sandboxId: string): Promise<PodInterface> {
    return { sandboxId, ip: this.#addresses.allocate(sandboxId) };
  }

  async tearDown(sandboxId: string): Promise<void> {
    const { ip } = this.#addresses.get(sandboxId) ?? {};
    if (ip === undefined) return;
    // What its programs said about ports and, as they were killed, could not take back.
    this.#directory.withdrawAll(ip);
    this.#addresses.release(sandboxId);
  }

  async list(): Promise<PodInterface[]> {
    return this.#addresses.entries().map(([sandboxId, { ip }]) => ({ sandboxId, ip }));
  }
}
