import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Server as TcpServer } from 'node:net';
import type { Duplex } from 'node:stream';
import type { KeyPair } from '../certificates/certificates.ts';
import type { User } from '../registry/strategy.ts';
import type { Handlers } from './connection.ts';
import { listenTcp, listenUnix } from './listen.ts';

/** Names, labels and tokens travel in headers and URLs; Node's own 16 KiB are tight for a long selector with a token. */
export const MAX_HEADER_BYTES = 64 * 1024;
/** A client that takes longer, in milliseconds, to send its headers or to shake hands holds a place for nothing. */
export const HEADERS_TIMEOUT = 10_000;
/** So long may a whole request take to arrive, in milliseconds; answers (watches, logs) may take for ever. */
export const REQUEST_TIMEOUT = 60_000;
/** Go's clients keep idle connections for 90 s; a server that gave up earlier would now and then cut a request off. */
export const KEEP_ALIVE_TIMEOUT = 120_000;
/** So long, in milliseconds, answers under way may take when the doors close. */
export const CLOSE_GRACE = 1000;

export interface DoorsOptions {
  readonly handlers: Handlers;
  /** TLS on loopback; port 0 is any free one. */
  readonly https: {
    readonly port: number;
    readonly host?: string;
    readonly serving: KeyPair;
    /** Vouches for client certificates. */
    readonly ca: string;
  };
  /** The path of the admin's socket. */
  readonly unix?: string;
  /** Instead of {@link HEADERS_TIMEOUT} and {@link REQUEST_TIMEOUT}, as tests have no time for them. */
  readonly timeouts?: { readonly headers: number; readonly request: number };
}

/**
 * The ways into the API server: TLS on loopback, TLS on listening sockets that another process hands over (the cluster's LAN), and
 * plain HTTP on a unix socket that only the owner can open. A client certificate is asked for and not required, as tokens and
 * anonymous requests come without.
 *
 * HTTP/1.1 only: kubectl and client-go fall back to it by themselves, exec and the WebSocket watch need its `Upgrade` (ws does not
 * speak RFC 8441), and Node's HTTP/2 would be a second path through everything for no one's gain on one machine.
 */
export class Doors implements AsyncDisposable {
  readonly #options: DoorsOptions;
  readonly #tls: HttpServer;
  readonly #plain: HttpServer;
  /** What is being answered to requests from within this process. */
  readonly #inside = new Set<ServerResponse>();
  readonly #adopted = new Set<TcpServer>();
  readonly #upgraded = new Set<Duplex>();
  #port = 0;
  #closing: Promise<void> | undefined;

  constructor(options: DoorsOptions) {
    this.#options = options;
    const { headers, request } = options.timeouts ?? { headers: HEADERS_TIMEOUT, request: REQUEST_TIMEOUT };
    const limits = {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: headers,
      requestTimeout: request,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
      connectionsCheckingInterval: headers,
      keepAlive: true,
    };
    const { serving, ca } = options.https;
    this.#tls = this.#serve(
      createHttpsServer({
        ...limits,
        ...serving,
        ca,
        requestCert: true,
        rejectUnauthorized: false,
        minVersion: 'TLSv1.2',
        handshakeTimeout: HEADERS_TIMEOUT,
      }),
      'https',
    );
    this.#plain = this.#serve(createHttpServer(limits), 'unix');
  }

  /** Listens. Rejects with a CannotListen that says what to do; then nothing is left open. */
  async start(options: { signal?: AbortSignal } = {}): Promise<void> {
    const { https, unix } = this.#options;
    try {
      this.#port = await listenTcp(this.#tls, { port: https.port, host: https.host ?? '127.0.0.1' });
      if (unix) await listenUnix(this.#plain, unix);
    } catch (error) {
      await this.close();
      throw error;
    }
    options.signal?.addEventListener('abort', () => void this.close(), { once: true });
  }

  /** Where TLS listens: `https://127.0.0.1:6443`. */
  get url(): string {
    return `https://${this.#options.https.host ?? '127.0.0.1'}:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  /** Serves TLS on a socket that already listens, as `process.on('message', (message, server) => ...)` hands it over. */
  adopt(listener: TcpServer): void {
    this.#adopted.add(listener);
    listener.on('connection', (socket) => {
      socket.setNoDelay(true).setKeepAlive(true);
      this.#tls.emit('connection', socket);
    });
  }

  /** Answers requests from within this process, past the network and TLS, which speak for a user. */
  handlerFor(user: User): RequestListener {
    return (request, response) => {
      if (this.#closing) {
        response.destroy();
        return;
      }
      this.#inside.add(response);
      response.once('close', () => this.#inside.delete(response));
      this.#options.handlers.request(request, response, { user });
    };
  }

  /** Lets answers under way end, within {@link CLOSE_GRACE}, and cuts the rest. May be called again. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    for (const listener of this.#adopted) listener.close();
    const servers = [this.#tls, this.#plain];
    const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    for (const socket of this.#upgraded) socket.destroy();
    // A connection whose answer ends now stays open for the next request, which will not come.
    const idle = setInterval(() => servers.forEach((server) => void server.closeIdleConnections()), 20);
    const grace = setTimeout(() => servers.forEach((server) => void server.closeAllConnections()), CLOSE_GRACE);
    await Promise.all(closed);
    clearInterval(idle);
    clearTimeout(grace);
    // Their clients are in this process, and know that it ends.
    for (const response of this.#inside) response.destroy();
  }

  #serve(server: HttpServer, door: 'https' | 'unix'): HttpServer {
    const { handlers } = this.#options;
    server.on('request', (request, response) => handlers.request(request, response, door));
    server.on('upgrade', (request, socket, head) => {
      this.#upgraded.add(socket);
      socket.once('close', () => this.#upgraded.delete(socket));
      handlers.upgrade(request, socket, head, door);
    });
    return server;
  }
}
