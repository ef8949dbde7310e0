import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, type Server } from 'node:net';

/** The kernel's limit for the path of a unix socket, with its final zero (unix(7)). */
const MAX_SOCKET_PATH = 108;

/** A door that can't be opened; the message says why and what to do. */
export class CannotListen extends Error {
  override readonly name = 'CannotListen';
}

/** Returns the port. */
export async function listenTcp(server: Server, { port, host }: { port: number; host: string }): Promise<number> {
  try {
    server.listen({ port, host });
    await once(server, 'listening');
  } catch (error) {
    throw explained(error, `${host}:${port}`);
  }
  const address = server.address();
  return typeof address === 'object' && address ? address.port : port;
}

/** Listens on a path that only the owner can open. What a killed server left at the path is replaced, a living one is not. */
export async function listenUnix(server: Server, path: string): Promise<void> {
  if (Buffer.byteLength(path) >= MAX_SOCKET_PATH) {
    throw new CannotListen(
      `cannot listen on "${path}": it is longer than the ${MAX_SOCKET_PATH - 1} bytes that the system allows; choose a shorter data folder`,
    );
  }
  if (await answers(path))
    throw new CannotListen(`cannot listen on "${path}": another server listens there; end it first`);
  rmSync(path, { force: true });
  // The file is made inside listen(), so nobody sees it with other permissions.
  const mask = process.umask(0o177);
  try {
    server.listen(path);
  } finally {
    process.umask(mask);
  }
  try {
    await once(server, 'listening');
  } catch (error) {
    throw explained(error, path);
  }
}

async function answers(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use; end what listens there, or choose another port (0 is any free one)',
  EACCES: 'this user may not; choose another place or a port from 1024 on',
  EADDRNOTAVAIL: 'this machine has no such address',
};

function explained(error: unknown, where: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const why = reasons[code];
  return why ? new CannotListen(`cannot listen on ${where}: ${why}`, { cause: error }) : error;
}
