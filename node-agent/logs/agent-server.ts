import { once } from 'node:events';
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type AgentConfig, podFolders } from '../config.ts';
import type { PodManager } from '../pods/pod-manager.ts';
import type { ProgrammedServices } from '../proxy/proxier.ts';
import { findLog, NoLog } from './container-logs.ts';
import { readLog } from './read-log.ts';

export interface AgentServerOptions {
  readonly config: AgentConfig;
  readonly pods: PodManager;
  /** What the node really does for Services; absent where nothing carries them. */
  readonly observe?: (() => Promise<ProgrammedServices>) | undefined;
}

/**
 * Where the API server reaches this node, on a unix socket, which crosses network namespaces: `/containerLogs/NAMESPACE/POD/CONTAINER` with
 * the kubelet's options, `/healthz`, and `/services`, what is programmed for Services.
 */
export class AgentServer {
  readonly #options: AgentServerOptions;
  readonly #server: Server;
  readonly #stopping = new AbortController();

  constructor(options: AgentServerOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        const code = error instanceof NoLog ? error.code : 500;
        if (!response.headersSent) response.writeHead(code, { 'content-type': 'text/plain' });
        response.end(error instanceof NoLog ? error.message : 'internal error');
      });
    });
  }

  async start(): Promise<void> {
    const { socketPath } = this.#options.config;
    mkdirSync(dirname(socketPath), { recursive: true, mode: 0o700 });
    rmSync(socketPath, { force: true });
    this.#server.listen(socketPath);
    await once(this.#server, 'listening');
    chmodSync(socketPath, 0o600);
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://agent');
    const [, first, ...rest] = url.pathname.split('/').map(decodeURIComponent);
    if (request.method !== 'GET') response.writeHead(405).end();
    else if (first === 'healthz') response.writeHead(200, { 'content-type': 'text/plain' }).end('ok');
    else if (first === 'services') {
      const services = (await this.#options.observe?.()) ?? { mode: 'none', services: [] };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(services));
    } else if (first === 'containerLogs' && rest.length === 3) await this.#log(rest, url.searchParams, response);
    else response.writeHead(404, { 'content-type': 'text/plain' }).end('not found');
  }

  async #log(path: readonly string[], query: URLSearchParams, response: ServerResponse): Promise<void> {
    const { pods, config } = this.#options;
    const [namespace = '', pod = '', container = ''] = path;
    const found = findLog(pods, { namespace, pod, container, previous: query.get('previous') === 'true' });
    const folder = podFolders.logs(config, { namespace, name: pod, uid: found.uid });
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const seconds = number(query, 'sinceSeconds');
    const sinceTime = query.get('sinceTime');
    const since = seconds === undefined ? (sinceTime ? Date.parse(sinceTime) : undefined) : Date.now() - seconds * 1000;
    const text = readLog(join(folder, container, `${found.attempt}.log`), {
      follow: query.get('follow') === 'true',
      timestamps: query.get('timestamps') === 'true',
      tailLines: number(query, 'tailLines'),
      limitBytes: number(query, 'limitBytes'),
      since,
      signal: AbortSignal.any([gone.signal, this.#stopping.signal]),
      isOver: found.isOver,
    });
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.flushHeaders();
    // A reader that goes away needs no answer.
    await pipeline(text, response).catch(() => response.destroy());
  }
}

/** Undefined where it is absent or no number that makes sense. */
function number(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  const value = Number(text);
  return text === null || text === '' || !Number.isFinite(value) || value < 0 ? undefined : value;
}
