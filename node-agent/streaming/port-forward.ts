import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Opens a connection to a port of a Pod. Rejects with what to tell the client. */
export type DialPort = (port: number) => Promise<Socket>;

/** Joins both ends of a forwarded connection until both have ended. Resolves with what went wrong, if anything did. */
export async function joinConnection(client: Duplex, socket: Socket): Promise<Error | undefined> {
  try {
    await Promise.all([pipeline(client, socket), pipeline(socket, client)]);
    return undefined;
  } catch (error) {
    client.destroy();
    socket.destroy();
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Undefined where the text is no port. */
export function parsePort(text: string | undefined): number | undefined {
  const port = /^\d{1,5}$/.test(text ?? '') ? Number(text) : 0;
  return port > 0 && port < 65536 ? port : undefined;
}

/** As the kubelet says it, in front of what failed. */
export function portForwardError(port: number, pod: string, error: unknown): string {
  const why = error instanceof Error ? error.message : String(error);
  return `error forwarding port ${port} to pod ${pod}: ${why}`;
}
