import { mkdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { dirname } from 'node:path';
import type { Duplex } from 'node:stream';
import { StatusError } from '@skiff/api/status';
import type { Upgrade } from '../streaming/accept-upgrade.ts';
import { notFound } from './node-pods.ts';

/** What a request names: `/ENDPOINT/SEGMENT/SEGMENT?QUERY`, its segments decoded. */
export interface AgentRequest {
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
  /** Aborts when whoever asked has gone. */
  readonly signal: AbortSignal;
}

/** Answers a request. What it throws before it began to answer becomes the answer. */
export type Endpoint = (request: AgentRequest, response: ServerResponse) => Promise<void> | void;
/** Takes a connection over; what it throws before that becomes the answer. */
export type UpgradeEndpoint = (request: AgentRequest, upgrade: Upgrade) => Promise<void>;

export interface AgentServerOptions {
  readonly socketPath: string;
  /** By the first segment of the path. */
  readonly endpoints: Readonly<Record<string, Endpoint>>;
  readonly upgrades: Readonly<Record<string, UpgradeEndpoint>>;
  /** Opens a connection in the node's network, for `CONNECT HOST:PORT`. */
  readonly dial: (target: { host: string; port: number }, signal: AbortSignal) => Promise<Duplex>;
}

/**
 * What the API server asks a node for, on a unix socket that only the user can open; who may ask for it has been decided there. The paths
 * are those of a kubelet, and `CONNECT` reaches into the cluster's network, where the API server is not.
 */
export class AgentServer implements AsyncDisposable {
  readonly #options: AgentServerOptions;
  readonly #server: Server;
  readonly #upgraded = new Set<Duplex>();

  constructor(options: AgentServerOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.on('upgrade', (request, socket, head) => void this.#upgrade({ request, socket, head }));
    this.#server.on('connect', (request, socket, head) => void this.#connect({ request, socket, head }));
  }

  /** Resolves when it listens. A socket that a killed agent left behind is replaced. */
  async start(): Promise<void> {
    const { socketPath } = this.#options;
    mkdirSync(dirname(socketPath), { recursive: true, mode: 0o700 });
    rmSync(socketPath, { force: true });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const umask = process.umask(0o177);
    try {
      this.#server.once('error', reject).listen(socketPath, resolve);
    } finally {
      process.umask(umask);
    }
    await promise;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    for (const socket of this.#upgraded) socket.destroy();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    try {
      const { endpoint, ...asked } = parse(request);
      const serve = own(this.#options.endpoints, endpoint);
      if (!serve || request.method !== 'GET') throw notFound('the node has no such page');
      await serve({ ...asked, signal: gone.signal }, response);
    } catch (error) {
      if (response.headersSent) response.destroy();
      else response.writeHead(statusOf(error).code, { 'content-type': 'application/json' }).end(bodyOf(error));
    }
  }

  async #upgrade(upgrade: Upgrade): Promise<void> {
    const { signal } = this.#follow(upgrade.socket);
    try {
      const { endpoint, ...asked } = parse(upgrade.request);
      const serve = own(this.#options.upgrades, endpoint);
      if (!serve) throw notFound('the node has no such page');
      await serve({ ...asked, signal }, upgrade);
    } catch (error) {
      refuse(upgrade.socket, error);
    }
  }

  async #connect({ request, socket, head }: Upgrade): Promise<void> {
    const { signal } = this.#follow(socket);
    try {
      const target = /^(?<host>.+):(?<port>\d+)$/.exec(request.url ?? '')?.groups;
      const upstream = await this.#options.dial(
        { host: target?.['host'] ?? '', port: Number(target?.['port']) },
        signal,
      );
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.on('error', () => socket.destroy()).write(head);
      socket.pipe(upstream).pipe(socket);
      socket.once('close', () => upstream.destroy());
    } catch (error) {
      refuse(socket, error);
    }
  }

  #follow(socket: Duplex): { signal: AbortSignal } {
    const gone = new AbortController();
    this.#upgraded.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      this.#upgraded.delete(socket);
      gone.abort();
    });
    return { signal: gone.signal };
  }
}

function parse(request: IncomingMessage): { endpoint: string; segments: string[]; query: URLSearchParams } {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://node');
  const [endpoint = '', ...segments] = pathname.slice(1).split('/').map(decodeURIComponent);
  return { endpoint, segments, query: searchParams };
}

function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function statusOf(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new StatusError({ code: 500, reason: 'InternalError', message });
}

function bodyOf(error: unknown): string {
  return JSON.stringify(statusOf(error).toStatus());
}

function refuse(socket: Duplex, error: unknown): void {
  const body = bodyOf(error);
  const head = ['content-type: application/json', `content-length: ${Buffer.byteLength(body)}`, 'connection: close'];
  socket.end([`HTTP/1.1 ${statusOf(error).code} Refused`, ...head, '', body].join('\r\n'));
}
