import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { forwardedHeaders } from './forwarded-headers.ts';
import type { ConnectTarget } from './target.ts';

/**
 * Hands a request that asks for another protocol on to who speaks it, then carries bytes both ways until both have ended. Rejects, before
 * anything was answered, where nobody is there.
 */
export async function relayUpgrade(
  { request, socket, head }: { request: IncomingMessage; socket: Duplex; head: Buffer },
  target: ConnectTarget,
  signal: AbortSignal,
): Promise<void> {
  const upstream = await target.open(signal);
  const cut = (): void => {
    upstream.destroy();
    socket.destroy();
  };
  upstream.on('error', cut);
  socket.on('error', cut).once('close', cut);
  upstream.once('close', cut);
  signal.addEventListener('abort', cut, { once: true });
  const headers = forwardedHeaders(request, { host: target.proxied?.host ?? 'node' });
  headers.push(['Connection', 'Upgrade'], ['Upgrade', request.headers.upgrade ?? '']);
  const lines = [`${request.method} ${target.path} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  upstream.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  upstream.write(head);
  upstream.pipe(socket);
  socket.pipe(upstream);
}
