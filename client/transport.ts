import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { ClientConfig } from './config.ts';
import { ConnectionError } from './connection-error.ts';
import { Exchange, type Response } from './exchange.ts';

/** One request. `path` starts with a slash and carries the query. */
export interface RequestOptions {
  readonly method: string;
  readonly path: string;
  readonly body?: string | undefined;
  readonly contentType?: string | undefined;
  readonly accept?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds without a byte after which the request fails. Default 30 s; 0 is for ever. */
  readonly idleMs?: number | undefined;
}

export type { Response };

const defaultIdleMs = 30_000;
/** How long a connection may take to come about. A new try has a new port, so what the network holds against the old one is left behind. */
const CONNECT_MS = 5_000;

/**
 * The one owner of node:http and node:https. Connections are kept open and used again; TLS sessions carry the client's
 * certificate. (Not undici: it costs each process 28 MB and 60 ms of start-up.)
 */
export class Transport {
  readonly #config: ClientConfig;
  readonly #network: Network | undefined;
  /** Those that are under way. */
  readonly #exchanges = new Set<Exchange>();

  constructor(config: ClientConfig) {
    this.#config = config;
    this.#network = config.handler ? undefined : networkTo(config);
  }

  /**
   * Resolves with the head of the answer. Rejects with a {@link ConnectionError} when the server can't be reached, and with
   * the signal's reason when it aborts.
   */
  async send(options: RequestOptions): Promise<Response> {
    try {
      return await this.#once(options);
    } catch (error) {
      // The server may end an idle connection just when it is used again. Reads are then safe to repeat.
      if (!(error instanceof StaleConnection) || options.method !== 'GET') throw error;
      return this.#once(options);
    }
  }

  async #once(options: RequestOptions): Promise<Response> {
    const { signal } = options;
    signal?.throwIfAborted();
    const token = typeof this.#config.token === 'function' ? await this.#config.token() : this.#config.token;
    const headers = {
      ...this.#config.headers,
      accept: options.accept ?? 'application/json',
      'user-agent': this.#config.userAgent ?? 'skiff',
      ...(token && { authorization: `Bearer ${token}` }),
      ...(options.body !== undefined && {
        'content-type': options.contentType ?? 'application/json',
        'content-length': String(Buffer.byteLength(options.body)),
      }),
    };
    const response = await (this.#network
      ? this.#overNetwork(this.#network, options, headers)
      : this.#inProcess(options, headers));
    this.#warn(response);
    return response;
  }

  #overNetwork({ agent, base, request: send }: Network, options: RequestOptions, headers: Headers): Promise<Response> {
    const { signal, method, path } = options;
    return new Promise((resolve, reject) => {
      const request = send({ ...base, agent, method, path, ...(signal && { signal }), headers });
      let answer: Response | undefined;
      request.on('response', (response) => {
        answer = response;
        resolve(response);
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        if (signal?.aborted) reject(signal.reason);
        else if (request.reusedSocket && error.code === 'ECONNRESET')
          reject(new StaleConnection(this.#config.server, error));
        else reject(new ConnectionError(this.#config.server, error));
      });
      request.on('socket', (socket) => limitConnecting(socket));
      const idleMs = options.idleMs ?? defaultIdleMs;
      if (idleMs > 0) {
        request.setTimeout(idleMs, () => {
          const error = new Error(`nothing came for ${idleMs} ms`);
          // Once the answer has begun, its reader is who must be told.
          (answer ?? request).destroy(error);
        });
      }
      request.end(options.body);
    });
  }

  async #inProcess(options: RequestOptions, headers: Headers): Promise<Response> {
    const { handler, server } = this.#config;
    if (!handler) throw new Error('the client has no handler');
    const { signal, method, path, body, idleMs = defaultIdleMs } = options;
    const exchange = new Exchange(handler, { method, path, headers, body, idleMs });
    const abort = (): void => void exchange.destroy(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    this.#exchanges.add(exchange);
    exchange.once('close', () => {
      signal?.removeEventListener('abort', abort);
      this.#exchanges.delete(exchange);
    });
    try {
      return await exchange.answer;
    } catch (error) {
      throw signal?.aborted ? signal.reason : new ConnectionError(server, error);
    }
  }

  #warn(response: Response): void {
    const { onWarning } = this.#config;
    const sent = response.headersDistinct['warning'];
    if (!onWarning || !sent) return;
    // Quoted texts, several of which may share a header (RFC 7234, 5.5).
    for (const [, text = ''] of sent.join(', ').matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)) {
      onWarning(text.replace(/\\(.)/g, '$1'));
    }
  }

  /** Ends idle connections and those that are in use. */
  close(): void {
    this.#network?.agent.destroy();
    for (const exchange of this.#exchanges) exchange.destroy(new Error('the client is closed'));
  }
}

type Headers = Readonly<Record<string, string | string[]>>;

interface Network {
  readonly agent: http.Agent;
  readonly base: http.RequestOptions;
  readonly request: typeof http.request;
}

function networkTo(config: ClientConfig): Network {
  if (config.server.startsWith('unix:')) {
    const base = { socketPath: config.server.slice('unix:'.length) };
    return { agent: new http.Agent({ keepAlive: true }), base, request: http.request };
  }
  const url = new URL(config.server);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const base = { host, port: Number(url.port || (url.protocol === 'https:' ? 443 : 80)), protocol: url.protocol };
  return url.protocol === 'https:'
    ? { agent: new https.Agent({ keepAlive: true, ...tlsOptions(config) }), base, request: https.request }
    : { agent: new http.Agent({ keepAlive: true }), base, request: http.request };
}

function limitConnecting(socket: Socket): void {
  if (!socket.connecting) return;
  const timer = setTimeout(() => socket.destroy(new Error(`no connection within ${CONNECT_MS} ms`)), CONNECT_MS);
  for (const event of ['connect', 'close']) socket.once(event, () => clearTimeout(timer));
}

/** A kept connection that turned out to be closed. */
class StaleConnection extends ConnectionError {}

/** The context is made once and shared: each holds parsed certificates, and a client has a connection per watch. */
function tlsOptions({ ca, cert, key, insecure, serverName }: ClientConfig): https.AgentOptions {
  return {
    secureContext: createSecureContext({ ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }),
    ...(insecure && { rejectUnauthorized: false }),
    ...(serverName && { servername: serverName }),
  };
}

/** Reads an answer to its end. Rejects with a {@link ConnectionError} when it breaks off. */
export async function readText(
  response: Response,
  { server, signal }: { server: string; signal?: AbortSignal | undefined },
): Promise<string> {
  response.setEncoding('utf8');
  let text = '';
  try {
    for await (const chunk of response) text += chunk;
  } catch (error) {
    signal?.throwIfAborted();
    throw new ConnectionError(server, error);
  }
  return text;
}
