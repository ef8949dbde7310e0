import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { StatusError } from '@skiff/api/status';
import { defineCommand } from '../command.ts';
import { CommandError } from '../failure.ts';
import { text } from '../flags.ts';
import type { Session } from '../session.ts';

/** `kubectl proxy`: the API as plain HTTP on loopback, with the user's rights. Only for Hosts that are this machine. */
export const command = defineCommand({
  usage: 'proxy [--port=PORT] [--address=ADDRESS]',
  summary: 'Run a proxy to the Kubernetes API server.',
  flags: {
    port: text('p', '8001'),
    address: text(undefined, '127.0.0.1'),
    'accept-hosts': text(undefined, '^localhost$,^127\\.0\\.0\\.1$,^\\[::1\\]$'),
    'accept-paths': text(undefined, '^.*'),
    'reject-paths': text(undefined, '^/api/.*/pods/.*/exec,^/api/.*/pods/.*/attach'),
    'reject-methods': text(undefined, '^$'),
  },
  async run(session, { flags }) {
    const patterns = (given: string): RegExp[] => given.split(',').map((pattern) => new RegExp(pattern));
    const any = (given: readonly RegExp[], value: string): boolean => given.some((pattern) => pattern.test(value));
    const hosts = patterns(flags['accept-hosts']);
    const [accepted, rejected, methods] = [flags['accept-paths'], flags['reject-paths'], flags['reject-methods']].map(
      patterns,
    );
    const allows = ({ headers, url = '', method = '' }: IncomingMessage): boolean => {
      const { pathname } = new URL(url, 'http://proxy');
      const host = (headers.host ?? '').replace(/:\d+$/, '');
      // A page of somewhere else may not use the user's rights.
      const origin = headers.origin === undefined || any(hosts, new URL(headers.origin).hostname);
      return (
        any(hosts, host) &&
        origin &&
        any(accepted ?? [], pathname) &&
        !any(rejected ?? [], pathname) &&
        !any(methods ?? [], method)
      );
    };
    const server = createServer((request, response) => {
      if (allows(request)) void relay(session, request, response);
      else response.writeHead(403, { 'content-type': 'text/plain' }).end('Forbidden');
    });
    server.listen(Number(flags.port), flags.address);
    await once(server, 'listening').catch((error: unknown) => {
      throw new CommandError(error instanceof Error ? error.message : String(error));
    });
    const { port, address } = server.address() as AddressInfo; // of a server that listens on TCP
    session.out(`Starting to serve on ${address}:${port}`);
    if (!session.signal.aborted) await once(session.signal, 'abort');
    server.close();
    server.closeAllConnections();
  },
});

async function relay(session: Session, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    const body = (await buffer(request)).toString('utf8');
    const answer = await session.client.stream({
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      idleMs: 0,
      accept: request.headers.accept ?? '*/*',
      ...(body !== '' && { body }),
      contentType: request.headers['content-type'],
      signal: AbortSignal.any([gone.signal, session.signal]),
    });
    response.writeHead(answer.statusCode ?? 502, {
      'content-type': answer.headers['content-type'] ?? 'application/json',
    });
    response.flushHeaders();
    await pipeline(answer, response);
  } catch (error) {
    if (response.headersSent) response.destroy();
    else if (error instanceof StatusError) {
      response.writeHead(error.code, { 'content-type': 'application/json' }).end(JSON.stringify(error.toStatus()));
    } else
      response
        .writeHead(502, { 'content-type': 'text/plain' })
        .end(error instanceof Error ? error.message : String(error));
  }
}
