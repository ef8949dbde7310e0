import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { badRequest } from '@skiff/api/status';
import { type WebSocket, WebSocketServer } from 'ws';

/** A request that asks to go on in another protocol than HTTP. */
export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** What came behind the request already. */
  readonly head: Buffer;
}

const webSockets = new WebSocketServer({ noServer: true });
const chosen = new WeakMap<IncomingMessage, string>();
// Not by ws itself, which takes no name with a slash in it: RFC 6455 wants tokens, kubectl's tunnel has one all the same.
webSockets.on('headers', (headers, request) => {
  const protocol = chosen.get(request);
  if (protocol !== undefined) headers.push(`Sec-WebSocket-Protocol: ${protocol}`);
});

export function isWebSocket({ request }: Upgrade): boolean {
  return request.headers.upgrade?.toLowerCase() === 'websocket';
}

/** Takes a WebSocket with the first of these subprotocols that the client offers. Throws 400 where it offers none. */
export function acceptWebSocket(
  { request, socket, head }: Upgrade,
  protocols: readonly string[],
): Promise<{ webSocket: WebSocket; protocol: string }> {
  const offered = listOf(request.headers['sec-websocket-protocol']);
  const protocol = choose(protocols, offered);
  chosen.set(request, protocol);
  delete request.headers['sec-websocket-protocol'];
  return new Promise((resolve) => {
    webSockets.handleUpgrade(request, socket, head, (webSocket) => resolve({ webSocket, protocol }));
  });
}

/** Takes SPDY/3.1 with the first of these stream protocols that the client offers. Throws 400 where it wants something else. */
export function acceptSpdy({ request, socket }: Upgrade, protocols: readonly string[]): string {
  if (request.headers.upgrade?.toLowerCase() !== 'spdy/3.1')
    throw badRequest('unable to upgrade: only WebSockets and SPDY/3.1');
  const protocol = choose(protocols, listOf(request.headers['x-stream-protocol-version']));
  const head = ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: SPDY/3.1'];
  socket.write(`${[...head, `X-Stream-Protocol-Version: ${protocol}`].join('\r\n')}\r\n\r\n`);
  return protocol;
}

function choose(ours: readonly string[], offered: readonly string[]): string {
  const found = ours.find((protocol) => offered.includes(protocol));
  if (found === undefined)
    throw badRequest(
      `unable to negotiate protocol: client supports [${offered.join(' ')}], server supports [${ours.join(' ')}]`,
    );
  return found;
}

function listOf(header: string | string[] | undefined): string[] {
  return String(header ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
}
