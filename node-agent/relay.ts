import net from 'node:net';

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
 * Connects a client with a target, both ways, until both have ended. The client must have been accepted with `allowHalfOpen`. A side that
 * can't keep up slows the other; an error on one ends both, and one before the target accepted resets the client. Resolves when both are
 * closed, with the error if there was one.
 */
export function relay(client: net.Socket, target: RelayTarget): Promise<Error | undefined> {
  const { promise, resolve } = Promise.withResolvers<Error | undefined>();
  const { host, port, from } = target;
  const upstream = net.connect({ host, port, allowHalfOpen: true, noDelay: true, ...(from && { localAddress: from }) });
  let failure: Error | undefined;
  let open = 2;
  const fail = (error: Error) => {
    failure ??= error;
    if (!client.destroyed) client.resetAndDestroy();
    upstream.destroy();
  };
  const deadline = setTimeout(() => fail(new Error(`no answer from ${target.host}:${target.port}`)), CONNECT_LIMIT_MS);
  upstream.once('connect', () => clearTimeout(deadline));
  for (const socket of [client, upstream]) {
    socket.on('error', fail);
    socket.once('close', () => {
      open -= 1;
      if (open > 0) return;
      clearTimeout(deadline);
      resolve(failure);
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
