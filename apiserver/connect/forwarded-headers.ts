import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

/** What is between the client and the API server alone (RFC 9110, section 7.6.1), and who the client is, which is nobody else's business. */
const ours = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
  ...['authorization', 'impersonate-user', 'impersonate-group', 'impersonate-uid', 'host'],
]);

/** The headers of a request as they go on, in pairs; those of a connection are left to who sends it. */
export function forwardedHeaders(
  request: IncomingMessage,
  { host }: { host: string },
): [name: string, value: string][] {
  const named = String(request.headers.connection ?? '')
    .toLowerCase()
    .split(/,\s*/);
  const { rawHeaders, socket } = request;
  const headers: [string, string][] = [['Host', host]];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    const lower = name.toLowerCase();
    if (ours.has(lower) || lower.startsWith('impersonate-extra-') || named.includes(lower)) continue;
    if (lower === 'sec-websocket-protocol') {
      const protocols = value.split(/,\s*/).filter((protocol) => !protocol.startsWith('base64url.bearer.'));
      if (protocols.length > 0) headers.push([name, protocols.join(', ')]);
    } else headers.push([name, value]);
  }
  const { encrypted = false } = socket as Partial<TLSSocket>; // plain sockets have no such property
  headers.push(['X-Forwarded-Uri', request.url ?? '/'], ['X-Forwarded-Proto', encrypted ? 'https' : 'http']);
  if (request.headers.host) headers.push(['X-Forwarded-Host', request.headers.host]);
  if (socket.remoteAddress) headers.push(['X-Forwarded-For', socket.remoteAddress]);
  return headers;
}
