import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { connectTarget, isConnect } from '../connect/connect-target.ts';
import { relayUpgrade } from '../connect/relay-upgrade.ts';
import { registryOf, startWatch, watchOptions } from '../routes/dispatch.ts';

import type { RouteServices } from '../routes/route.ts';
import { webSocketSink } from '../watch/outbox.ts';
import { asStatusError, methodRefused, noSuchResource } from './failures.ts';
import type { Admitted } from './gate.ts';

/** Requests that go on in another protocol: watches over WebSockets, a text frame per event, and what is relayed to nodes. */
export class Upgrades {
  readonly #server = new WebSocketServer({ noServer: true, handleProtocols: chooseProtocol });
  readonly #services: RouteServices;

  constructor(services: RouteServices) {
    this.#services = services;
  }

  /** Takes an upgrade over; rejects before that where the request is none that could be. */
  async accept(request: IncomingMessage, socket: Duplex, head: Buffer, { info, query }: Admitted): Promise<void> {
    if (!info.isResource) throw noSuchResource();
    const registry = registryOf(info, this.#services.resources);
    if (isConnect(info)) {
      const { search } = new URL(request.url ?? '', 'http://skiff');
      const target = connectTarget(info, { query, search }, this.#services);
      return relayUpgrade({ request, socket, head }, target, this.#services.stopping);
    }
    if (info.verb !== 'watch') throw methodRefused();
    const options = watchOptions(registry, request.headers.accept, { query, info });
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', () => webSocket.terminate());
      startWatch(registry, webSocketSink(webSocket), { ...options, info }, this.#services);
    });
  }

  close(): void {
    this.#server.close();
  }
}

/** Answers an upgrade that does not come about, in plain HTTP. */
export function refuseUpgrade(socket: Duplex, error: unknown): void {
  const status = asStatusError(error);
  const body = JSON.stringify(status.toStatus());
  const headers = [
    `HTTP/1.1 ${status.code} ${status.reason ?? 'Error'}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${headers.join('\r\n')}\r\n\r\n${body}`);
}

/** A client that offers protocols gets one that is not a token in disguise. */
function chooseProtocol(offered: ReadonlySet<string>): string | false {
  for (const protocol of offered) if (!protocol.startsWith('base64url.bearer.')) return protocol;
  return false;
}
