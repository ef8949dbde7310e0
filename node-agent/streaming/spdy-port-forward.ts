import type { Duplex } from 'node:stream';
import { SpdyConnection } from '../spdy/spdy-connection.ts';
import type { SpdyStream } from '../spdy/spdy-stream.ts';
import { type DialPort, joinConnection, parsePort, portForwardError } from './port-forward.ts';

export const portForwardProtocol = 'portforward.k8s.io';

interface Pair {
  error?: SpdyStream;
  data?: SpdyStream;
}

/**
 * Port-forwarding over SPDY/3.1: for each connection the client opens a stream for errors and one for data, with the same `requestID` and
 * `port`. Resolves when the client has gone.
 */
export async function serveSpdyPortForward(
  transport: Duplex,
  { dial, pod, head }: { dial: DialPort; pod: string; head?: Buffer },
): Promise<void> {
  const pairs = new Map<string, Pair>();
  const onStream = (stream: SpdyStream): void => {
    const { streamtype, requestid = '', port } = stream.headers;
    if (streamtype !== 'error' && streamtype !== 'data') return void stream.destroy();
    const pair = pairs.get(requestid) ?? {};
    pairs.set(requestid, pair);
    pair[streamtype] = stream;
    stream.once('close', () => pairs.delete(requestid));
    if (pair.error && pair.data) void forward(pair.error, pair.data, { dial, pod, port: parsePort(port) });
  };
  await new SpdyConnection(transport, { onStream, ...(head && { head }) }).closed;
}

async function forward(
  errors: SpdyStream,
  data: SpdyStream,
  { dial, pod, port }: { dial: DialPort; pod: string; port: number | undefined },
): Promise<void> {
  errors.resume();
  let failure: unknown;
  try {
    if (port === undefined) throw new Error('the stream names no port');
    failure = await joinConnection(data, await dial(port));
  } catch (error) {
    failure = error;
  }
  if (failure === undefined) errors.end();
  else {
    errors.end(portForwardError(port ?? 0, pod, failure));
    data.end();
  }
}
