import type net from 'node:net';
import { connect } from './network/connect.ts';

/** Where a relayed connection goes. */
export interface RelayTarget {
  readonly host: string;
  readonly port: number;
  /** The address of this side that the target sees; by default the kernel chooses. */
  readonly from?: string;
}

/** How long a target may take to accept a connection. */
const CONNECT_LIMIT_MS = 10_000;

/**
 * Connects a client with a target, both ways, until both have ended. The client must have been accepted with `allowHalfOpen`. So many
 * targets are tried: the first ones may just have ended. A client that none answers is reset. Resolves when both are closed, with the
 * error if there was one.
 */
export async function relay(
  client: net.Socket,
  nextTarget: () => RelayTarget | undefined,
  { tries = 1 }: { tries?: number } = {},
): Promise<Error | undefined> {
  client.on('error', () => undefined);
  let failure: unknown;
  for (let tried = 0; tried < tries && !client.destroyed; tried += 1) {
    const target = nextTarget();
    if (target === undefined) break;
    try {
      return await join(client, await dial(target));
    } catch (error) {
      failure = error;
    }
  }
  if (!client.destroyed) client.resetAndDestroy();
  return failure instanceof Error ? failure : new Error('the client is gone, or nobody is there for it');
}

/** Resolves with a connection; rejects where the target refuses, or does not answer in time. */
export function dial({ host, port, from }: RelayTarget): Promise<net.Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<net.Socket>();
  const socket = connect({ host, port, from, allowHalfOpen: true });
  const deadline = setTimeout(() => socket.destroy(new Error(`no answer from ${host}:${port}`)), CONNECT_LIMIT_MS);
  socket.once('error', reject);
  socket.once('close', () => clearTimeout(deadline));
  socket.once('connect', () => {
    clearTimeout(deadline);
    socket.off('error', reject);
    // Until somebody joins it with another.
    socket.on('error', () => undefined);
    resolve(socket);
  });
  return promise;
}

/**
 * Carries what each of two sockets receives to the other, until both have ended. A side that can't keep up slows the other; an error on one
 * ends both, and resets the client. Resolves when both are closed, with the error if there was one.
 */
export function join(client: net.Socket, upstream: net.Socket): Promise<Error | undefined> {
  const { promise, resolve } = Promise.withResolvers<Error | undefined>();
  let failure: Error | undefined;
  let open = 2;
  if (client.destroyed || upstream.destroyed) {
    client.destroy();
    upstream.destroy();
    return Promise.resolve(undefined);
  }
  const fail = (error: Error) => {
    failure ??= error;
    if (!client.destroyed) client.resetAndDestroy();
    upstream.destroy();
  };
  for (const socket of [client, upstream]) {
    socket.on('error', fail);
    socket.once('close', () => {
      open -= 1;
      if (open === 0) resolve(failure);
    });
  }
  // A side that closed without ending (destroyed from elsewhere) will never end the other by its pipe.
  client.once('close', () => upstream.writableEnded || upstream.destroy());
  upstream.once('close', () => client.writableEnded || client.destroy());
  client.setNoDelay(true);
  client.pipe(upstream);
  upstream.pipe(client);
  return promise;
}
