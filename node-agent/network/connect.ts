import net from 'node:net';
import { hasOneLoopbackAddress, type Place, type PortDirectory, type RealPlace } from './port-directory.ts';

let directory: PortDirectory | undefined;

/** From now on this process dials by what the directory says: it is for the whole process, as /etc/hosts is. */
export function followPortDirectory(followed: PortDirectory): void {
  directory = followed;
}

export function followedDirectory(): PortDirectory | undefined {
  return directory;
}

/** Whether nobody can listen at a place itself: this machine has not got the address. */
export function isNameOnly({ address }: Place): boolean {
  return directory !== undefined && hasOneLoopbackAddress() && /^127\.(?!0\.0\.1$)/.test(address);
}

/** Where to dial for a place; undefined where nobody can be there. */
export function realPlace(place: Place): RealPlace | undefined {
  const real = directory?.find(place);
  if (real !== undefined) return real;
  return isNameOnly(place) ? undefined : place;
}

export interface ConnectOptions {
  readonly host: string;
  readonly port: number;
  /** The address of this side; by default the kernel chooses. */
  readonly from?: string | undefined;
  readonly allowHalfOpen?: boolean;
}

/** As net.connect(), by the directory of ports. */
export function connect({ host, port, from, allowHalfOpen = false }: ConnectOptions): net.Socket {
  const real = realPlace({ protocol: 'TCP', address: host, port });
  if (real === undefined) {
    const error = Object.assign(new Error(`connect ECONNREFUSED ${host}:${port}`), { code: 'ECONNREFUSED' });
    const socket = new net.Socket();
    process.nextTick(() => socket.destroy(error));
    return socket;
  }
  const keepsAddress = from !== undefined && !hasOneLoopbackAddress();
  return net.connect({
    ...{ host: real.address, port: real.port, allowHalfOpen, noDelay: true },
    ...(keepsAddress && { localAddress: from }),
  });
}
