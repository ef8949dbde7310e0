import { once } from 'node:events';
import net from 'node:net';
import { placeToListen, tellPlace } from '../network/listen.ts';
import { relay } from '../relay.ts';
import { endpointTargets } from './endpoint-targets.ts';
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
    void relay(client, endpointTargets(listening, client.remoteAddress ?? ''), { tries: TRIES });
  });
  const { address, port } = placeToListen(first);
  server.listen({ host: address, port });
  await once(server, 'listening');
  const takeBack = tellPlace(first, server.address() as net.AddressInfo); // of TCP
  server.on('error', () => undefined);
  return {
    update: (next) => {
      listening = next;
    },
    close: async ({ drop }) => {
      takeBack();
      server.close();
      if (drop) for (const client of connections) client.destroy();
    },
  };
}
