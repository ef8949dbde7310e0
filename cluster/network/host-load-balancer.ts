import type { LoadBalancerProvider, LoadBalancerRequest, OpenedPort } from '@skiff/controllers/load-balancer/provider';
import { type HostPort, keyOf } from '@skiff/node-agent/host-ports/messages';
import { hasOneLoopbackAddress } from '@skiff/node-agent/network/port-directory';
import type { HostPortBroker } from './host-ports.ts';
import { BindError } from './socket-handle.ts';

const HOST = '127.0.0.1';
/** How many addresses are tried before one is taken whose ports are in use. */
const TRIES = 4;

interface Reservation {
  readonly address: string;
  readonly ports: readonly HostPort[];
}

/**
 * Load balancers of a cluster on one machine: an address of 127.18.0.0/16 per Service, open on the Service's own ports where that is
 * permitted. The node agents that have endpoints serve what arrives there.
 */
export class HostLoadBalancer implements LoadBalancerProvider {
  readonly #broker: HostPortBroker;
  readonly #byService = new Map<string, Reservation>();
  #last = 0;

  constructor(options: { broker: HostPortBroker }) {
    this.#broker = options.broker;
  }

  async reserve(request: LoadBalancerRequest): Promise<{ address: string; ports: OpenedPort[] }> {
    const had = this.#byService.get(request.service);
    const taken = new Set(
      [...this.#byService].filter(([key]) => key !== request.service).map(([, one]) => one.address),
    );
    const wishes = [...new Set([request.address, had?.address])];
    const usable = wishes.filter((one) => one !== undefined && isLoopback(one) && !taken.has(one));
    if (this.#canShare(request)) usable.unshift(HOST);
    let first: string | undefined;
    for (let tries = 1; tries <= TRIES; tries += 1) {
      const address = usable.shift() ?? this.#next(taken);
      first ??= address;
      // With every address tried, the first is as good as any: its busy ports are then replaced.
      const lastResort = tries === TRIES;
      const chosen = lastResort ? first : address;
      const ports = this.#openAll(chosen, { request, otherPort: lastResort });
      if (ports === undefined) continue;
      const kept = { address: chosen, ports: hostPorts(chosen, request) };
      this.#byService.set(request.service, kept);
      if (had !== undefined) this.#giveBack(had, kept);
      return { address: chosen, ports };
    }
    throw new Error(`no loopback address could be opened for ${request.service}`);
  }

  /** A machine with one loopback address has that for all Services that want different ports; others are then reached from Pods only. */
  #canShare({ service, ports }: LoadBalancerRequest): boolean {
    const others = [...this.#byService].flatMap(([key, one]) => (key === service ? [] : one.ports));
    const isTaken = (port: number): boolean => others.some((other) => other.address === HOST && other.port === port);
    return hasOneLoopbackAddress() && !ports.some(({ port }) => isTaken(port));
  }

  async release(service: string): Promise<void> {
    const had = this.#byService.get(service);
    this.#byService.delete(service);
    if (had !== undefined) this.#giveBack(had);
  }

  /** Undefined where one of them is in use; then none of them is kept. */
  #openAll(address: string, options: { request: LoadBalancerRequest; otherPort: boolean }): OpenedPort[] | undefined {
    const { request, otherPort } = options;
    const had = this.#byService.get(request.service)?.ports.map(keyOf) ?? [];
    const opened: HostPort[] = [];
    try {
      const results = hostPorts(address, request).map((port): OpenedPort => {
        const result = this.#broker.reserve(port, { otherPort });
        opened.push(port);
        return { port: port.port, protocol: port.protocol, ...result };
      });
      const others = request.ports.filter(({ protocol }) => !isServed(protocol));
      const refused = others.map((port) => ({ ...port, hostPort: port.port, error: 'skiff.dev/ProtocolNotSupported' }));
      return [...results, ...refused];
    } catch (error) {
      if (!(error instanceof BindError)) throw error;
      for (const port of opened) if (!had.includes(keyOf(port))) this.#broker.giveBack(port);
      return undefined;
    }
  }

  #giveBack(had: Reservation, kept?: Reservation): void {
    const keys = kept?.ports.map(keyOf) ?? [];
    for (const port of had.ports) if (!keys.includes(keyOf(port))) this.#broker.giveBack(port);
  }

  /** The next one after the last, so that an address that was given back rests. */
  #next(taken: ReadonlySet<string>): string {
    for (let step = 0; step < 0xfffe; step += 1) {
      this.#last = (this.#last % 0xfffe) + 1;
      const address = `127.18.${this.#last >> 8}.${this.#last & 0xff}`;
      if (!taken.has(address)) return address;
    }
    throw new Error('all addresses of 127.18.0.0/16 are in use');
  }
}

function isServed(protocol: string): protocol is HostPort['protocol'] {
  return protocol === 'TCP' || protocol === 'UDP';
}

function hostPorts(address: string, { ports }: LoadBalancerRequest): HostPort[] {
  return ports.flatMap(({ port, protocol }) => (isServed(protocol) ? [{ protocol, address, port }] : []));
}

function isLoopback(address: string): boolean {
  return /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(address);
}
