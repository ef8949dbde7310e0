import { PodAddresses } from '@skiff/node-agent/network/pod-addresses';
import type { PodInterface, PodNetwork } from '@skiff/node-agent/network/pod-network';

/** Gives Pods addresses of their node's range and nothing that carries packets. */
export class SimulatedPodNetwork implements PodNetwork {
  readonly #addresses: PodAddresses;

  constructor(options: { podCIDR: string; stateDir: string }) {
    this.#addresses = new PodAddresses(options);
  }

  async setUp(sandboxId: string): Promise<PodInterface> {
    return { sandboxId, ip: this.#addresses.allocate(sandboxId), networkNamespace: '' };
  }

  async tearDown(sandboxId: string): Promise<void> {
    this.#addresses.release(sandboxId);
  }

  async list(): Promise<PodInterface[]> {
    return this.#addresses.entries().map(([sandboxId, { ip }]) => ({ sandboxId, ip, networkNamespace: '' }));
  }
}
