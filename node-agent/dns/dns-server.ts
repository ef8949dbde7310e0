import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Responder } from './responder.ts';
import { framed, unframe } from './tcp-frames.ts';

export interface DnsServerOptions {
  readonly address: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly responder: Pick<Responder, 'respond'>;
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
    const { address, port, responder } = this.#options;
    this.#tcp = createServer((client) => this.#serve(client));
    this.#tcp.listen(port, address);
    await once(this.#tcp, 'listening');
    const udp = createSocket('udp4');
    this.#udp = udp;
    udp.on('message', (message, { address: host, port: from }) => {
      void responder.respond(message, 'udp').then((answer) => {
        // A client that is gone by now, or a server that is being closed, is no failure.
        if (answer && this.#udp === udp) udp.send(answer, from, host, () => undefined);
      });
    });
    udp.bind(this.port, address);
    await once(udp, 'listening');
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
    unframe(client, (message) => {
      void this.#options.responder.respond(message, 'tcp').then((answer) => {
        if (answer && client.writable) client.write(framed(answer));
      });
    });
  }
}
