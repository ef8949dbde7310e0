import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** How a request came in: over TLS (with or without a client certificate), or through the admin's unix socket. */
export type Door = 'https' | 'unix';

/** What stands behind the doors. Both get the door that the request came through. */
export interface Handlers {
  request(request: IncomingMessage, response: ServerResponse, door: Door): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, door: Door): void;
}
