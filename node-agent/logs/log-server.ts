import { mkdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ObjectKey } from '@skiff/api/meta';
import { StatusError } from '@skiff/api/status';
import type { NodePod } from '../pods/types.ts';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import { findLog } from './find-log.ts';
import { FollowFile } from './follow-file.ts';
import { parseLogOptions } from './log-options.ts';
import { readLog } from './read-log.ts';

export interface LogServerOptions {
  readonly socketPath: string;
  /** The node's Pods. */
  readonly pod: (key: ObjectKey) => NodePod | undefined;
  /** Where the logs of a Pod's containers are: `CONTAINER/ATTEMPT.log` below it. */
  readonly folder: (pod: NodePod) => string;
  readonly runtime: Pick<ContainerRuntime, 'containerStatus' | 'onChange'>;
}

/**
 * What the API server asks a node for, on a unix socket that only the user can open:
 * `GET /containerLogs/NAMESPACE/POD/CONTAINER`, with the options of the API's log request.
 */
export class LogServer {
  readonly #options: LogServerOptions;
  readonly #server: Server;

  constructor(options: LogServerOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => void this.#answer(request, response));
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
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    try {
      await this.#log(request, response, gone.signal);
    } catch (error) {
      if (response.headersSent) response.destroy();
      else fail(response, error);
    }
  }

  async #log(request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://node');
    const [root, namespace = '', name = '', container = ''] = pathname.slice(1).split('/').map(decodeURIComponent);
    if (root !== 'containerLogs' || request.method !== 'GET') throw notFound('the node has no such page');
    const pod = this.#options.pod({ namespace, name });
    if (!pod) throw notFound(`pod "${name}" not found`);
    const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
    if (!containers.some((known) => known.name === container))
      throw notFound(`container "${container}" not found in pod "${name}"`);
    const { follow, previous, ...options } = parseLogOptions(searchParams, Date.now());
    const { path, containerId } = findLog(pod, { folder: this.#options.folder(pod), container, previous });
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.flushHeaders();
    const { runtime } = this.#options;
    using following = follow && !previous ? new FollowFile({ path, containerId, runtime, signal }) : undefined;
    // A reader that goes away ends it: there is nobody left to tell.
    await pipeline(Readable.from(readLog(path, options, following)), response).catch(() => response.destroy());
  }
}

function notFound(message: string): StatusError {
  return new StatusError({ code: 404, reason: 'NotFound', message });
}

function fail(response: ServerResponse, error: unknown): void {
  const code = error instanceof StatusError ? error.code : 500;
  response.writeHead(code, { 'content-type': 'text/plain' });
  response.end(error instanceof Error ? error.message : String(error));
}
