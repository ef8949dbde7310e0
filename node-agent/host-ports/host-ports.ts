import dgram from 'node:dgram';
import net from 'node:net';
import { SourceRanges } from '../proxy/source-ranges.ts';
import { type RelayTarget, relay } from '../relay.ts';
import { UdpRelay } from '../udp-relay.ts';
import {
  type HostPort,
  type HostPortAnswer,
  type HostPortChannel,
  type HostPortOpened,
  type HostPortWish,
  keyOf,
} from './messages.ts';
import type { WantedPort } from './wanted-ports.ts';

/** A Service whose one endpoint has just ended sends the next connection to another. */
const TRIES = 3;

export interface HostPortsOptions {
  readonly channel: HostPortChannel;
  /** Told when the host can't open a port. */
  readonly onRefused?: (port: HostPort & { code: string }) => void;
}

export interface HostPortCounts {
  /** Ports that this agent listens on. */
  readonly listening: number;
  readonly accepted: number;
  /** Relayed connections that ended with an error. */
  readonly failed: number;
  readonly active: number;
}

interface Server {
  close(): void;
  /** Its port is to lead elsewhere from now on. */
  follow?(wanted: WantedPort): void;
}

/**
 * The node agent's side of the host's ports: sockets that the host opened, and other agents may hold too, are served here: what is
 * accepted is relayed into the node's own network.
 */
export class HostPorts {
  readonly #options: HostPortsOptions;
  readonly #servers = new Map<string, Server>();
  readonly #clients = new Set<net.Socket>();
  #wanted: ReadonlyMap<string, WantedPort> = new Map();
  #accepted = 0;
  #failed = 0;

  constructor(options: HostPortsOptions) {
    this.#options = options;
    options.channel.onMessage((message, handle) => this.#receive(message, handle));
  }

  /** Serves these ports from now on, and no others. Connections go on. */
  update(ports: readonly WantedPort[]): void {
    const before = wishText(this.#wanted.values());
    this.#wanted = new Map(ports.map((port) => [keyOf(port), port]));
    for (const [key, server] of this.#servers) {
      const wanted = this.#wanted.get(key);
      if (wanted === undefined) this.#stop(key);
      else server.follow?.(wanted);
    }
    if (wishText(ports) !== before) this.#options.channel.send({ type: 'host-ports', ports: ports.map(wishOf) });
  }

  get counts(): HostPortCounts {
    return {
      listening: this.#servers.size,
      accepted: this.#accepted,
      failed: this.#failed,
      active: this.#clients.size,
    };
  }

  /** Gives all ports back and ends their connections. */
  close(): void {
    this.update([]);
    for (const client of this.#clients) client.destroy();
  }

  #receive(message: unknown, handle: unknown): void {
    if (typeof message !== 'object' || message === null || !('type' in message)) return;
    // Its type is the host's side's word: cluster/network/host-ports.ts.
    const answer = message as HostPortAnswer;
    if (answer.type === 'host-port') this.#listen(answer, handle);
    if (answer.type === 'host-port-error') this.#options.onRefused?.(answer);
    if (answer.type === 'host-port-closed') this.#stop(keyOf(answer));
  }

  #stop(key: string): void {
    this.#servers.get(key)?.close();
    this.#servers.delete(key);
  }

  #listen(port: HostPortOpened, handle: unknown): void {
    // A socket that was closed while it was under way arrives as nothing; listening on that would open another port.
    if (handle === undefined || handle === null) return;
    const key = keyOf(port);
    const server = port.protocol === 'TCP' ? this.#listenTcp(port, handle) : this.#listenUdp(port, handle);
    this.#servers.get(key)?.close();
    if (this.#wanted.has(key)) this.#servers.set(key, server);
  }

  #listenTcp(port: HostPort, handle: object): Server {
    const key = keyOf(port);
    const server = net.createServer({ allowHalfOpen: true }, (client) => this.#accept(client, key));
    server.on('error', (error: NodeJS.ErrnoException) => {
      this.#servers.delete(key);
      this.#options.onRefused?.({ ...port, code: error.code ?? error.message });
    });
    // It may have been given back while it was under way: then the socket is only closed.
    server.listen(handle, () => {
      if (!this.#wanted.has(key)) server.close();
    });
    return server;
  }

  #listenUdp(port: HostPort, handle: object): Server {
    const key = keyOf(port);
    const socket = dgram.createSocket('udp4');
    const udp = new UdpRelay(socket, (client) => {
      const wanted = this.#wanted.get(key);
      return wanted && takes(wanted, client) ? targetsOf(wanted, client)() : undefined;
    });
    socket.on('error', () => undefined);
    // Node takes a raw handle here too, as its own cluster module does; its type declarations name only options.
    socket.bind(handle as dgram.BindOptions);
    if (!this.#wanted.has(key)) udp.close();
    return {
      close: () => udp.close(),
      follow: ({ target }) => {
        if ('targets' in target) udp.keepOnly(target.stillServes);
      },
    };
  }

  #accept(client: net.Socket, key: string): void {
    const wanted = this.#wanted.get(key);
    if (wanted === undefined || !takes(wanted, client.remoteAddress ?? '')) {
      client.on('error', () => undefined).resetAndDestroy();
      return;
    }
    this.#accepted += 1;
    this.#clients.add(client);
    void relay(client, targetsOf(wanted, client.remoteAddress ?? ''), { tries: TRIES }).then((error) => {
      this.#clients.delete(client);
      if (error !== undefined) this.#failed += 1;
    });
  }
}

function targetsOf({ target }: WantedPort, client: string): () => RelayTarget | undefined {
  return 'targets' in target ? target.targets(client) : () => target;
}

function takes({ sourceRanges }: WantedPort, client: string): boolean {
  return sourceRanges === undefined || new SourceRanges(sourceRanges).includes(client);
}

function wishOf({ protocol, address, port, alone }: HostPortWish): HostPortWish {
  return { protocol, address, port, ...(alone && { alone }) };
}

function wishText(ports: Iterable<HostPortWish>): string {
  return [...ports].map((port) => `${keyOf(port)} ${port.alone ?? false}`).join('\n');
}
