import net from 'node:net';
import { type RelayTarget, relay } from '../relay.ts';
import { type HostPort, type HostPortChannel, type HostPortFailed, type HostPortOpened, keyOf } from './messages.ts';
import type { WantedPort } from './wanted-ports.ts';

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

/**
 * The node agent's side of the host's ports: sockets that the host opened, and other agents may hold too, are served here: what is
 * accepted is relayed into the node's own network.
 */
export class HostPorts {
  readonly #options: HostPortsOptions;
  readonly #servers = new Map<string, net.Server>();
  readonly #clients = new Set<net.Socket>();
  #targets: ReadonlyMap<string, RelayTarget> = new Map();
  #accepted = 0;
  #failed = 0;

  constructor(options: HostPortsOptions) {
    this.#options = options;
    options.channel.onMessage((message, handle) => this.#receive(message, handle));
  }

  /** Serves these ports from now on, and no others. Connections go on. */
  update(ports: readonly WantedPort[]): void {
    const before = [...this.#targets.keys()].join(' ');
    this.#targets = new Map(ports.map((port) => [keyOf(port), port.target]));
    for (const [key, server] of this.#servers)
      if (!this.#targets.has(key)) {
        this.#servers.delete(key);
        server.close();
      }
    if ([...this.#targets.keys()].join(' ') === before) return;
    this.#options.channel.send({ type: 'host-ports', ports: ports.map(({ address, port }) => ({ address, port })) });
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
    // The types are the host's side's word: cluster/network/host-ports.ts.
    if (message.type === 'host-port') this.#listen(message as HostPortOpened, handle);
    if (message.type === 'host-port-error') this.#options.onRefused?.(message as HostPortFailed);
  }

  #listen(port: HostPortOpened, handle: unknown): void {
    // A socket that was closed while it was under way arrives as nothing; listening on that would open another port.
    if (handle === undefined || handle === null) return;
    const key = keyOf(port);
    const server = net.createServer({ allowHalfOpen: true }, (client) => this.#accept(client, key));
    server.on('error', (error: NodeJS.ErrnoException) => {
      this.#servers.delete(key);
      this.#options.onRefused?.({ ...port, code: error.code ?? error.message });
    });
    // It may have been given back while it was under way: then the socket is only closed.
    server.listen(handle, () => {
      if (!this.#targets.has(key)) server.close();
    });
    this.#servers.get(key)?.close();
    if (this.#targets.has(key)) this.#servers.set(key, server);
  }

  #accept(client: net.Socket, key: string): void {
    const target = this.#targets.get(key);
    if (target === undefined) {
      client.destroy();
      return;
    }
    this.#accepted += 1;
    this.#clients.add(client);
    void relay(client, target).then((error) => {
      this.#clients.delete(client);
      if (error !== undefined) this.#failed += 1;
    });
  }
}
