import type { SendHandle } from 'node:child_process';
import net from 'node:net';
import { getSystemErrorName } from 'node:util';

/**
 * A TCP socket that is bound and accepts nothing here: whoever gets it by `send` listens with `net.createServer().listen(handle)`. The
 * connections then are shared among all who listen. It keeps its address until {@link close} was called everywhere.
 */
export interface ServerHandle {
  close(): void;
  /** Fills in the address that it is bound to. */
  getsockname(out: { port?: number }): void;
}

/** Node's own cluster module makes its sockets by this function; a `net.Server` would accept connections where it was made. */
interface NetInternals {
  _createServerHandle(address: string, port: number, addressType: 4 | 6): ServerHandle | number;
}

/** A port that can't be had: `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`. */
export class BindError extends Error {
  override readonly name = 'BindError';
  readonly code: string;

  constructor(about: { address: string; port: number; code: string }) {
    super(`cannot listen on ${about.address}:${about.port}: ${about.code}`);
    this.code = about.code;
  }
}

/** Binds an IPv4 address; throws {@link BindError}. */
export function bindServer(address: string, port: number): ServerHandle {
  // The function is left out of Node's type declarations.
  const internals = net as unknown as NetInternals;
  const made = internals._createServerHandle(address, port, 4);
  if (typeof made === 'number') throw new BindError({ address, port, code: getSystemErrorName(made) });
  // libuv keeps EADDRINUSE to itself until somebody listens; the socket then has no port.
  if (boundPort(made) === 0) {
    made.close();
    throw new BindError({ address, port, code: 'EADDRINUSE' });
  }
  return made;
}

/** The port that it got, after binding port 0. */
export function boundPort(handle: ServerHandle): number {
  const bound: { port?: number } = {};
  handle.getsockname(bound);
  return bound.port ?? 0;
}

/** Node sends raw handles as they are ("net.Native"); its type declarations name only the wrapped ones. */
export function sendable(handle: ServerHandle): SendHandle {
  return handle as unknown as SendHandle;
}

/** The other way: what a `message` event brought. */
export function received(handle: unknown): ServerHandle | undefined {
  const isHandle =
    typeof handle === 'object' && handle !== null && 'close' in handle && !(handle instanceof net.Socket);
  // It was made by sendable() at the other end.
  return isHandle ? (handle as ServerHandle) : undefined;
}
