import http from 'node:http';
import https from 'node:https';
import type { ClientConfig } from './config.ts';

/** One request. `path` starts with a slash and carries the query. */
export interface RequestOptions {
  readonly method: string;
  readonly path: string;
  readonly body?: string | undefined;
  readonly contentType?: string | undefined;
  readonly accept?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds without a byte after which the request fails; none on watches, which have their own end. */
  readonly idleMs?: number | undefined;
}

const defaultIdleMs = 30_000;

/**
 * The one owner of node:http and node:https. Connections are kept open and used again; TLS sessions carry the client's
 * certificate. (Not undici: it costs each process 28 MB and 60 ms of start-up.)
 */
export class Transport {
  readonly #config: ClientConfig;
  readonly #agent: http.Agent;
  readonly #base: { socketPath: string } | { host: string; port: number; protocol: string };
  readonly #request: typeof http.request;

  constructor(config: ClientConfig) {
    this.#config = config;
    if (config.server.startsWith('unix:')) {
      this.#base = { socketPath: config.server.slice('unix:'.length) };
      this.#agent = new http.Agent({ keepAlive: true });
      this.#request = http.request;
      return;
    }
    const url = new URL(config.server);
    const secure = url.protocol === 'https:';
    const port = Number(url.port || (secure ? 443 : 80));
    this.#base = { host: url.hostname.replace(/^\[|\]$/g, ''), port, protocol: url.protocol };
    const { ca, cert, key } = config;
    this.#agent = secure
      ? new https.Agent({ keepAlive: true, ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) })
      : new http.Agent({ keepAlive: true });
    this.#request = secure ? https.request : http.request;
  }

  /** Resolves with the head of the answer; its body is a stream. Rejects when the server can't be reached. */
  send(options: RequestOptions): Promise<http.IncomingMessage> {
    const token = typeof this.#config.token === 'function' ? this.#config.token() : this.#config.token;
    return new Promise((resolve, reject) => {
      const request = this.#request({
        ...this.#base,
        agent: this.#agent,
        method: options.method,
        path: options.path,
        ...(options.signal && { signal: options.signal }),
        headers: {
          accept: options.accept ?? 'application/json',
          'user-agent': this.#config.userAgent ?? 'skiff',
          ...(token && { authorization: `Bearer ${token}` }),
          ...(options.body !== undefined && {
            'content-type': options.contentType ?? 'application/json',
            'content-length': Buffer.byteLength(options.body),
          }),
        },
      });
      request.on('response', resolve);
      request.on('error', reject);
      const idleMs = options.idleMs ?? defaultIdleMs;
      if (idleMs > 0) {
        request.setTimeout(idleMs, () => request.destroy(new Error(`no answer for ${idleMs} ms`)));
      }
      request.end(options.body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Reads an answer to its end. */
export async function readText(response: http.IncomingMessage): Promise<string> {
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response) text += chunk;
  return text;
}
