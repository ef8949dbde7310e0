import { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { type DialPort, joinConnection, portForwardError } from './port-forward.ts';

export const webSocketPortForwardProtocol = 'v4.channel.k8s.io';

/**
 * Port-forwarding over plain WebSocket channels, as @kubernetes/client-node does it: the ports are in the query, each has a connection with
 * two channels, data (2N) and error (2N + 1), and each channel's first message is the port as 16 bits, low byte first.
 */
export function serveWebSocketPortForward(
  webSocket: WebSocket,
  { dial, pod, ports }: { dial: DialPort; pod: string; ports: readonly number[] },
): void {
  const send = (channel: number, bytes: Buffer): Promise<void> =>
    new Promise((resolve, reject) => {
      webSocket.send(Buffer.concat([Buffer.from([channel]), bytes]), (error) => (error ? reject(error) : resolve()));
    });
  const clients = ports.map((port, index) => {
    const head = Buffer.alloc(2);
    head.writeUInt16LE(port);
    for (const channel of [2 * index, 2 * index + 1]) void send(channel, head).catch(() => undefined);
    const client = new Duplex({
      read: () => webSocket.resume(),
      write: (chunk: Buffer, _encoding, done) => void send(2 * index, chunk).then(() => done(), done),
      // There is no sign for the end of one connection: when the Pod has ended its side, it is over.
      final: (done) => {
        client.push(null);
        done();
      },
    });
    return client;
  });
  webSocket.on('error', () => webSocket.terminate());
  webSocket.on('close', () => clients.forEach((client) => void client.destroy()));
  webSocket.on('message', (data: Buffer) => {
    const client = clients[(data[0] ?? 1) / 2];
    if (client?.destroyed === false && !client.push(data.subarray(1))) webSocket.pause();
  });
  const served = clients.map(async (client, index) => {
    const port = ports[index] ?? 0;
    try {
      const failure = await joinConnection(client, await dial(port));
      if (failure) throw failure;
    } catch (error) {
      await send(2 * index + 1, Buffer.from(portForwardError(port, pod, error))).catch(() => undefined);
    }
  });
  void Promise.all(served).then(() => webSocket.close(1000));
}
