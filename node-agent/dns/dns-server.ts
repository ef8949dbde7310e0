import { type BindOptions, createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { framed, unframe } from './tcp-frames.ts';

/** Who asks, and how. */
export interface Asker {
  readonly transport: 'udp' | 'tcp';
  readonly address: string;
  readonly port: number;
}

export interface DnsServerOptions {
  readonly address: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Resolves with the answer to a message, or undefined where it gets none. Never rejects. */
  readonly respond: (message: Buffer, asker: Asker) => Promise<Buffer | undefined>;
  /** Sockets that are bound already, as they came from another process; then the address and port are theirs. */
  readonly sockets?: { readonly udp: object; readonly tcp: object };
}

/** RFC 7766 asks for a few seconds at least. */
const IDLE_MS = 10_000;

/** DNS on UDP and TCP, on one port. */
export class DnsServer {
  readonly #options: DnsServerOptions;
  readonly #clients = new Set<Socket>();
  #tcp: Server | undefined;
  #udp: UdpSocket | undefined;

  constructor(options: DnsServerOptions) {
    this.#options = options;
  }

  /** Resolves when both are served. Rejects where the port can't be had. */
  async start(): Promise<void> {
    const { address, port, respond, sockets } = this.#options;
    this.#tcp = createServer((client) => this.#serve(client));
    if (sockets) this.#tcp.listen(sockets.tcp);
    else this.#tcp.listen(port, address);
    await once(this.#tcp, 'listening');
    const udp = createSocket('udp4');
    this.#udp = udp;
    udp.on('message', (message, from) => {
      const asker: Asker = { transport: 'udp', address: from.address, port: from.port };
      void respond(message, asker).then((answer) => {
        // A client that is gone by now, or a server that is being closed, is no failure.
        if (answer && this.#udp === udp) udp.send(answer, from.port, from.address, () => undefined);
      });
    });
    const listening = once(udp, 'listening');
    // Node takes a raw handle here too, as its own cluster module does; its type declarations name only options.
    if (sockets) udp.bind(sockets.udp as BindOptions);
    else udp.bind(this.port, address);
    await listening;
    udp.on('error', () => undefined);
  }

  get port(): number {
    const address = this.#tcp?.address();
    return typeof address === 'object' ? (address?.port ?? 0) : 0;
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.destroy();
    this.#udp?.close();
    this.#udp = undefined;
    const tcp = this.#tcp;
    this.#tcp = undefined;
    if (tcp) await new Promise((resolve) => tcp.close(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #serve(client: Socket): void {
    this.#clients.add(client);
    client.on('close', () => this.#clients.delete(client));
    client.on('error', () => client.destroy());
    client.setTimeout(IDLE_MS, () => client.destroy());
    const asker: Asker = { transport: 'tcp', address: client.remoteAddress ?? '', port: client.remotePort ?? 0 };
    unframe(client, (message) => {
      void this.#options.respond(message, asker).then((answer) => {
        if (answer && client.writable) client.write(framed(answer));
      });
    });
  }
}
