import type { IncomingMessage } from 'node:http';
import { type ClientOptions, WebSocket } from 'ws';
import type { ClientConfig } from './config.ts';
import { ConnectionError } from './connection-error.ts';
import { failureOf } from './failure-of.ts';

export interface WebSocketOptions {
  /** Starts with a slash and carries the query. */
  readonly path: string;
  /** Subprotocols, the best first; the server chooses. */
  readonly protocols: readonly string[];
  /** Called for every message, also for those that come along with the server's consent. */
  readonly onMessage: (data: Buffer) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a WebSocket to the API server. Rejects with a StatusError where the server refuses, and with a ConnectionError where it
 * can't be reached. Aborting the signal ends the socket.
 */
export async function openWebSocket(config: ClientConfig, options: WebSocketOptions): Promise<WebSocket> {
  const { signal, path, protocols } = options;
  signal?.throwIfAborted();
  const { server, ca, cert, key, insecure, serverName, headers } = config;
  const token = typeof config.token === 'function' ? await config.token() : config.token;
  const address = server.startsWith('unix:')
    ? `ws+unix:${server.slice('unix:'.length)}:${path}`
    : `${server.replace(/^http/, 'ws').replace(/\/$/, '')}${path}`;
  const clientOptions: ClientOptions = {
    perMessageDeflate: false,
    headers: {
      ...headers,
      'user-agent': config.userAgent ?? 'skiff',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(insecure && { rejectUnauthorized: false }),
    ...(serverName && { servername: serverName }),
  };
  const socket = new WebSocket(address, [...protocols], clientOptions);
  socket.binaryType = 'nodebuffer';
  socket.on('message', options.onMessage);
  const abort = (): void => socket.terminate();
  signal?.addEventListener('abort', abort, { once: true });
  socket.once('close', () => signal?.removeEventListener('abort', abort));
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.on('error', (error) => reject(signal?.aborted ? signal.reason : new ConnectionError(server, error)));
    socket.once('unexpected-response', (_request, response: IncomingMessage) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.once('end', () => {
        reject(failureOf(response.statusCode ?? 0, text));
        socket.terminate();
      });
    });
  });
}
