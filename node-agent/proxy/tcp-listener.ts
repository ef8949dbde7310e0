import { once } from 'node:events';
import net from 'node:net';
import { dial, join } from '../relay.ts';
import type { EndpointAddress } from './proxier.ts';
import type { Listening, ServiceListener } from './service-listener.ts';

/** An endpoint that has just ended refuses before this node knows: another one may answer. */
const TRIES = 3;

/** Listens on one address of a Service and relays each connection to an endpoint. Rejects where it can't listen. */
export async function listenTcp(first: Listening): Promise<ServiceListener> {
  let listening = first;
  const connections = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (client) => {
    connections.add(client);
    client.once('close', () => connections.delete(client));
    void serve(client, (refused) => listening.endpointFor(client.remoteAddress ?? '', refused));
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

async function serve(
  client: net.Socket,
  endpointFor: (refused: ReadonlySet<EndpointAddress>) => EndpointAddress | undefined,
): Promise<void> {
  client.on('error', () => undefined);
  const refused = new Set<EndpointAddress>();
  while (refused.size < TRIES && !client.destroyed) {
    const endpoint = endpointFor(refused);
    if (endpoint === undefined) break;
    const upstream = await dial({ host: endpoint.ip, port: endpoint.port }).catch(() => undefined);
    if (upstream !== undefined) {
      await join(client, upstream);
      return;
    }
    refused.add(endpoint);
  }
  if (!client.destroyed) client.resetAndDestroy();
}
