import { request as httpRequest, type IncomingMessage } from 'node:http';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { connect as tlsConnect } from 'node:tls';
import { StatusError } from '@skiff/api/status';

const unreachable = (message: string): StatusError =>
  new StatusError({ code: 503, reason: 'ServiceUnavailable', message });

/** Connects to the agent of a node. */
export function connectNode(socketPath: string, { node }: { node: string }): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ path: socketPath, allowHalfOpen: true });
    const fail = ({ message }: Error): void =>
      reject(unreachable(`cannot reach the agent of node ${node}: ${message}`));
    socket.once('error', fail).once('connect', () => {
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

export interface TunnelTarget {
  readonly host: string;
  readonly port: number;
  /** Whether TLS is spoken there; whoever answers is believed, as by kube-apiserver's proxies. */
  readonly tls: boolean;
}

/** Connects to an address in the cluster's network, which only nodes are in: the agent of one opens the connection. */
export async function connectThroughNode(
  socketPath: string,
  { host, port, tls }: TunnelTarget,
  signal: AbortSignal,
): Promise<Duplex> {
  const request = httpRequest({ socketPath, method: 'CONNECT', path: `${host}:${port}`, signal, agent: false });
  const { promise, resolve, reject } = Promise.withResolvers<[IncomingMessage, Duplex]>();
  const connected = (response: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (head.length > 0) socket.unshift(head);
    resolve([response, socket]);
  };
  request.once('connect', connected).once('error', reject);
  request.end();
  try {
    const [{ statusCode }, socket] = await promise;
    if (statusCode !== 200) throw new Error(messageOf(await text(socket)));
    return tls ? tlsConnect({ socket, rejectUnauthorized: false, servername: '' }) : socket;
  } catch (error) {
    throw unreachable(`error trying to reach service: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The agent answers with a Status. */
function messageOf(body: string): string {
  try {
    return String(JSON.parse(body).message);
  } catch {
    return body.trim() || 'the connection was refused';
  }
}
