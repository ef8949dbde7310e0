import type { EndpointAddress } from './proxier.ts';

/** Chooses endpoints for the clients of one Service port: at random, and with affinity the same again within the time given. */
export class EndpointChooser {
  readonly #clients = new Map<string, { endpoint: string; until: number }>();
  readonly #now: () => number;

  constructor(options: { now?: () => number } = {}) {
    this.#now = options.now ?? Date.now;
  }

  /** Each choice begins the client's time anew. Undefined where there is no endpoint. */
  choose(
    endpoints: readonly EndpointAddress[],
    client: { address: string; affinitySeconds: number | undefined },
  ): EndpointAddress | undefined {
    const random = endpoints[Math.floor(Math.random() * endpoints.length)];
    if (random === undefined || client.affinitySeconds === undefined) return random;
    const now = this.#now();
    const known = this.#clients.get(client.address);
    const chosen =
      (known !== undefined && known.until > now ? endpoints.find((one) => keyOf(one) === known.endpoint) : undefined) ??
      random;
    // Deleted first, so that the oldest stay in front.
    this.#clients.delete(client.address);
    this.#clients.set(client.address, { endpoint: keyOf(chosen), until: now + client.affinitySeconds * 1000 });
    this.#forgetOld(now);
    return chosen;
  }

  #forgetOld(now: number): void {
    for (const [address, { until }] of this.#clients) {
      if (until > now) return;
      this.#clients.delete(address);
    }
  }
}

function keyOf({ ip, port }: EndpointAddress): string {
  return `${ip}:${port}`;
}
