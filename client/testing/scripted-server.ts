import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { KubeObject } from '@skiff/api/meta';

/** A watch that a test plays the server of. */
export interface ScriptedWatch {
  readonly query: URLSearchParams;
  /** Sends an event as one line. */
  send(type: string, object: object): void;
  /** Sends bytes as they are: half a line, half a character. */
  write(bytes: Uint8Array | string): void;
  /** Ends the answer in order. */
  end(): void;
  /** Breaks the connection off. */
  drop(): void;
}

export interface ScriptedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Answers one request that is neither list nor watch of the objects. */
export type Script = (request: ScriptedRequest, response: ServerResponse) => void;

/**
 * A small real HTTP server for tests of clients: it serves `objects` as every collection's list, and leaves each watch to
 * the test. What else is asked goes to `script`.
 */
export class ScriptedServer implements AsyncDisposable {
  objects: KubeObject[] = [];
  resourceVersion = '1';
  script: Script = (_, response) => response.writeHead(404).end();
  /** Called before each list is answered, so that a test may change what is in it. */
  onList: () => void = () => {};
  /** Whether it knows `sendInitialEvents`. */
  watchList = false;
  readonly requests: ScriptedRequest[] = [];
  readonly #watches: ScriptedWatch[] = [];
  readonly #waiting: ((watch: ScriptedWatch) => void)[] = [];
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  /** May be called again after `stop`: it then listens where it did. */
  async start(): Promise<this> {
    const server = createServer((request, response) => this.#handle(request, response));
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    // A server that listens on TCP has such an address.
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** The next watch that is opened, or the oldest that nobody has taken. */
  watch(): Promise<ScriptedWatch> {
    const open = this.#watches.shift();
    return open ? Promise.resolve(open) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** How many lists were asked for. */
  get lists(): number {
    return this.requests.filter(({ method, query }) => method === 'GET' && !query.has('watch')).length;
  }

  /** Goes away at once, as if killed. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const { pathname, searchParams: query } = new URL(request.url ?? '/', this.url);
      const { method = '', headers } = request;
      const asked = { method, path: pathname, query, headers, body };
      this.requests.push(asked);
      if (query.has('sendInitialEvents') && !this.watchList) this.#refuseWatchList(response);
      else if (query.has('watch')) this.#open(query, response);
      else if (method === 'GET' && /\/[a-z]+s$/.test(pathname)) this.#list(response);
      else this.script(asked, response);
    });
  }

  #refuseWatchList(response: ServerResponse): void {
    const message = 'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled';
    response.writeHead(422).end(JSON.stringify({ kind: 'Status', reason: 'Invalid', message, code: 422 }));
  }

  #list(response: ServerResponse): void {
    this.onList();
    const list = { metadata: { resourceVersion: this.resourceVersion }, items: this.objects };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(list));
  }

  #open(query: URLSearchParams, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    const watch: ScriptedWatch = {
      query,
      send: (type, object) => response.write(`${JSON.stringify({ type, object })}\n`),
      write: (bytes) => response.write(bytes),
      end: () => response.end(),
      drop: () => response.destroy(),
    };
    const waiting = this.#waiting.shift();
    if (waiting) waiting(watch);
    else this.#watches.push(watch);
  }
}

/** An object for a scripted server's lists and watches. */
export function objectOf(name: string, resourceVersion: string, more: Partial<KubeObject> = {}): KubeObject {
  const metadata = { name, namespace: 'default', uid: `uid-${name}`, resourceVersion };
  return { apiVersion: 'v1', kind: 'ConfigMap', ...more, metadata: { ...metadata, ...more.metadata } };
}
