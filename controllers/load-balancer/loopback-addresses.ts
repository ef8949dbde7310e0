import type { LoadBalancerProvider, LoadBalancerRequest, OpenedPort } from './provider.ts';

/** Whether an address is one that every process of the host, and nobody else, can use. */
export const isLoopback = (address: string): boolean => /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(address);

/** Hands out addresses of 127.18.0.0/16, one per Service, and opens nothing: for clusters without a host side. */
export class LoopbackAddresses implements LoadBalancerProvider {
  readonly #byService = new Map<string, string>();
  #last = 0;

  async reserve({ service, address, ports }: LoadBalancerRequest): Promise<{ address: string; ports: OpenedPort[] }> {
    const had = this.#byService.get(service);
    this.#byService.delete(service);
    const taken = new Set(this.#byService.values());
    const given =
      [address, had].find((wanted) => wanted && isLoopback(wanted) && !taken.has(wanted)) ?? this.#free(taken);
    this.#byService.set(service, given);
    return { address: given, ports: ports.map((port) => ({ ...port, hostPort: port.port })) };
  }

  async release(service: string): Promise<void> {
    this.#byService.delete(service);
  }

  /** The next one after the last: an address that was given back is not used again at once. */
  #free(taken: ReadonlySet<string>): string {
    for (let tries = 0; tries < 0xfffe; tries++) {
      this.#last = (this.#last % 0xfffe) + 1;
      const address = `127.18.${this.#last >> 8}.${this.#last & 0xff}`;
      if (!taken.has(address)) return address;
    }
    throw new Error('all addresses of 127.18.0.0/16 are in use');
  }
}
