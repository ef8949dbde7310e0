import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { User } from '../registry/strategy.ts';

/**
 * How a request came in: over TLS (with or without a client certificate), through the admin's unix socket, or from within this
 * process, where it speaks for a user.
 */
export type Door = 'https' | 'unix' | { readonly user: User };

/** What stands behind the doors. Both get the door that the request came through. */
export interface Handlers {
  request(request: IncomingMessage, response: ServerResponse, door: Door): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, door: Door): void;
}
