import dgram from 'node:dgram';
import { once } from 'node:events';
import { placeToListen, tellPlace } from '../network/listen.ts';
import { UdpRelay } from '../udp-relay.ts';
import { endpointTargets } from './endpoint-targets.ts';
import type { Listening, ServiceListener } from './service-listener.ts';

/** Listens on one address of a Service; a client's datagrams go to one endpoint as long as that serves. Rejects where it can't listen. */
export async function listenUdp(first: Listening): Promise<ServiceListener> {
  let listening = first;
  const server = dgram.createSocket('udp4');
  const relay = new UdpRelay(server, (client) => endpointTargets(listening, client)());
  server.bind(placeToListen(first));
  await once(server, 'listening');
  const takeBack = tellPlace(first, server.address());
  server.on('error', () => undefined);
  return {
    update: (next) => {
      listening = next;
      relay.keepOnly(({ host, port }) => next.stillServes({ ip: host, port }));
    },
    // There is no connection that could go on without the listener.
    close: async () => {
      takeBack();
      relay.close();
    },
  };
}
