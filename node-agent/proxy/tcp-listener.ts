import { once } from 'node:events';
import net from 'node:net';
import { relay } from '../relay.ts';
import type { Listening, ServiceListener } from './service-listener.ts';

/** Listens on one address of a Service and relays each connection to an endpoint. Rejects where it can't listen. */
export async function listenTcp(first: Listening): Promise<ServiceListener> {
  let listening = first;
  const connections = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (client) => {
    connections.add(client);
    client.once('close', () => connections.delete(client));
    const endpoint = listening.endpointFor(client.remoteAddress ?? '');
    if (endpoint === undefined) client.on('error', () => undefined).resetAndDestroy();
    else void relay(client, { host: endpoint.ip, port: endpoint.port });
  });
  server.listen({ host: first.address, port: first.port });
  await once(server, 'listening');
  server.on('error', () => undefined);
  return {
    update: (next) => {
      listening = next;
    },
    close: async ({ drop }) => {
      server.close();
      if (drop) for (const client of connections) client.destroy();
    },
  };
}
