import {
  hasOneLoopbackAddress,
  type Place,
  type PortDirectory,
  type RealPlace,
} from '@skiff/node-agent/network/port-directory';
import { BindError, bindSocket, boundPort, type SocketHandle } from './socket-handle.ts';

export interface BoundPlace {
  readonly handle: SocketHandle;
  /** Where it really is. */
  readonly real: RealPlace;
  /** Why it is not where it should be: `EACCES`, `EADDRINUSE`, `EADDRNOTAVAIL`. */
  readonly code?: string;
}

/**
 * Binds a port of a loopback address; where it can't be had, another one instead, which the directory then tells of. On a machine with
 * one loopback address every port is another one, lest two addresses get into each other's way.
 */
export function bindOrElsewhere(place: Place, { directory }: { directory: PortDirectory }): BoundPlace {
  const { protocol, address, port } = place;
  try {
    if (hasOneLoopbackAddress()) throw new BindError({ address, port, code: 'EADDRNOTAVAIL' });
    return { handle: bindSocket(place), real: { address, port } };
  } catch (error) {
    if (!(error instanceof BindError)) throw error;
    const elsewhere = error.code === 'EADDRNOTAVAIL' ? '127.0.0.1' : address;
    const handle = bindSocket({ protocol, address: elsewhere, port: 0 });
    const real = { address: elsewhere, port: boundPort(handle) };
    directory.announce(place, real);
    return { handle, real, code: error.code };
  }
}
