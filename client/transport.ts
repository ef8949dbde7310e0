import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { ClientConfig } from './config.ts';
import { ConnectionError } from './connection-error.ts';

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

/** The head of an answer, and its body as a stream. */
export type Response = http.IncomingMessage;

const defaultIdleMs = 30_000;
/** How long a connection may take to come about. A new try has a new port, so what the network holds against the old one is left behind. */
const CONNECT_MS = 5_000;

/**
 * The one owner of node:http and node:https. Connections are kept open and used again; TLS sessions carry the client's
 * certificate. (Not undici: it costs each process 28 MB and 60 ms of start-up.)
 */
export class Transport {
  readonly #config: ClientConfig;
  readonly #agent: http.Agent;
  readonly #base: http.RequestOptions;
  readonly #request: typeof http.request;

  constructor(config: ClientConfig) {
    this.#config = config;
    const { connect } = config;
    if (connect) {
      this.#base = { host: 'kubernetes' };
      this.#agent = Object.assign(new http.Agent({ keepAlive: true }), { createConnection: () => connect() });
      this.#request = http.request;
      return;
    }
    if (config.server.startsWith('unix:')) {
      this.#base = { socketPath: config.server.slice('unix:'.length) };
      this.#agent = new http.Agent({ keepAlive: true });
      this.#request = http.request;
      return;
    }
    const url = new URL(config.server);
    const secure = url.protocol === 'https:';
    const host = url.hostname.replace(/^\[|\]$/g, '');
    this.#base = { host, port: Number(url.port || (secure ? 443 : 80)), protocol: url.protocol };
    this.#agent = secure
      ? new https.Agent({ keepAlive: true, ...tlsOptions(config) })
      : new http.Agent({ keepAlive: true });
    this.#request = secure ? https.request : http.request;
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
    return new Promise((resolve, reject) => {
      const request = this.#request({
        ...this.#base,
        agent: this.#agent,
        method: options.method,
        path: options.path,
        ...(signal && { signal }),
        headers: {
          ...this.#config.headers,
          accept: options.accept ?? 'application/json',
          'user-agent': this.#config.userAgent ?? 'skiff',
          ...(token && { authorization: `Bearer ${token}` }),
          ...(options.body !== undefined && {
            'content-type': options.contentType ?? 'application/json',
            'content-length': Buffer.byteLength(options.body),
          }),
        },
      });
      let answer: Response | undefined;
      request.on('response', (response) => {
        answer = response;
        this.#warn(response);
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
    this.#agent.destroy();
  }
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
