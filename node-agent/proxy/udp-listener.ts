import dgram from 'node:dgram';
import { once } from 'node:events';
import type { EndpointAddress } from './proxier.ts';
import type { Listening, ServiceListener } from './service-listener.ts';

/** A client that was silent for so long is forgotten; the kernel's own time for UDP flows with answers is 120 s. */
const IDLE_MS = 60_000;

interface Flow {
  readonly endpoint: EndpointAddress;
  readonly socket: dgram.Socket;
  readonly idle: NodeJS.Timeout;
}

/** Listens on one address of a Service; a client's datagrams go to one endpoint as long as that serves. Rejects where it can't listen. */
export async function listenUdp(first: Listening): Promise<ServiceListener> {
  let listening = first;
  const flows = new Map<string, Flow>();
  const server = dgram.createSocket('udp4');

  const end = (client: string) => {
    const flow = flows.get(client);
    flows.delete(client);
    clearTimeout(flow?.idle);
    flow?.socket.close();
  };

  const begin = (client: string, from: dgram.RemoteInfo): Flow | undefined => {
    const endpoint = listening.endpointFor(from.address);
    if (endpoint === undefined) return undefined;
    const socket = dgram.createSocket('udp4');
    const flow = { endpoint, socket, idle: setTimeout(() => end(client), IDLE_MS).unref() };
    // What can't be delivered is lost, as datagrams are.
    socket.on('error', () => undefined);
    socket.on('message', (message) => {
      flow.idle.refresh();
      server.send(message, from.port, from.address, () => undefined);
    });
    flows.set(client, flow);
    return flow;
  };

  server.on('message', (message, from) => {
    const client = `${from.address}:${from.port}`;
    const flow = flows.get(client) ?? begin(client, from);
    flow?.idle.refresh();
    flow?.socket.send(message, flow.endpoint.port, flow.endpoint.ip, () => undefined);
  });
  server.bind({ address: first.address, port: first.port });
  await once(server, 'listening');
  server.on('error', () => undefined);
  return {
    update: (next) => {
      listening = next;
      for (const [client, { endpoint }] of flows) if (!next.stillServes(endpoint)) end(client);
    },
    // There is no connection that could go on without the listener.
    close: async () => {
      server.close();
      for (const client of [...flows.keys()]) end(client);
    },
  };
}
