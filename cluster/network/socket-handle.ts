import type { SendHandle } from 'node:child_process';
import dgram from 'node:dgram';
import net from 'node:net';
import { getSystemErrorName } from 'node:util';

/**
 * A socket that is bound and takes nothing here: whoever gets it by `send` serves it with `net.createServer().listen(handle)` or
 * `dgram.createSocket('udp4').bind(handle)`. Connections then are shared among all who listen. It keeps its address until {@link close}
 * was called everywhere.
 */
export interface SocketHandle {
  close(): void;
  /** Fills in the address that it is bound to. */
  getsockname(out: { port?: number }): void;
}

/** Node's own cluster module makes its sockets by these functions; a `net.Server` would accept connections where it was made. */
interface Internals {
  _createServerHandle(address: string, port: number, addressType: 4 | 6): SocketHandle | number;
  _createSocketHandle(address: string, port: number, addressType: 'udp4' | 'udp6'): SocketHandle | number;
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
export function bindSocket(at: { protocol: 'TCP' | 'UDP'; address: string; port: number }): SocketHandle {
  const { protocol, address, port } = at;
  // The functions are left out of Node's type declarations.
  const internals = { ...net, ...dgram } as unknown as Internals;
  const made =
    protocol === 'TCP'
      ? internals._createServerHandle(address, port, 4)
      : internals._createSocketHandle(address, port, 'udp4');
  if (typeof made === 'number') throw new BindError({ address, port, code: getSystemErrorName(made) });
  // libuv keeps EADDRINUSE to itself until somebody listens; the socket then has no port.
  if (boundPort(made) === 0) {
    made.close();
    throw new BindError({ address, port, code: 'EADDRINUSE' });
  }
  return made;
}

/** Whether a TCP port could be had now. */
export function isFree(address: string, port: number): boolean {
  try {
    bindSocket({ protocol: 'TCP', address, port }).close();
    return true;
  } catch (error) {
    if (error instanceof BindError) return false;
    throw error;
  }
}

/** The port that it got, after binding port 0. */
export function boundPort(handle: SocketHandle): number {
  const bound: { port?: number } = {};
  handle.getsockname(bound);
  return bound.port ?? 0;
}

/** Node sends raw handles as they are ("net.Native"); its type declarations name only the wrapped ones. */
export function sendable(handle: SocketHandle): SendHandle {
  return handle as unknown as SendHandle;
}

/** The other way: what a `message` event brought. */
export function received(handle: unknown): SocketHandle | undefined {
  const isHandle =
    typeof handle === 'object' && handle !== null && 'close' in handle && !(handle instanceof net.Socket);
  // It was made by sendable() at the other end.
  return isHandle ? (handle as SocketHandle) : undefined;
}
