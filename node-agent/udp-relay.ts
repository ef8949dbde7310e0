import dgram from 'node:dgram';
import { realPlace } from './network/connect.ts';
import { hasOneLoopbackAddress } from './network/port-directory.ts';
import type { RelayTarget } from './relay.ts';

/** A client that was silent for so long is forgotten; the kernel's own time for UDP flows with answers is 120 s. */
const IDLE_MS = 60_000;
/** So long a target that serves no more may still answer what it was asked. */
const LATE_MS = 2_000;

interface Flow {
  readonly target: RelayTarget;
  readonly socket: dgram.Socket;
  readonly idle: NodeJS.Timeout;
}

/** Asked each time, as what is at the target may be begun anew, and elsewhere. */
function send({ socket, target: { host, port } }: Flow, message: Uint8Array): void {
  const real = realPlace({ protocol: 'UDP', address: host, port });
  if (real !== undefined) socket.send(message, real.port, real.address, () => undefined);
}

/** Carries what arrives at a UDP socket to targets, and their answers back: a client's datagrams go to one target while it lasts. */
export class UdpRelay {
  readonly #server: dgram.Socket;
  readonly #flows = new Map<string, Flow>();
  readonly #late = new Set<Flow>();

  /** `targetFor` is asked once for each client; undefined loses the datagram. */
  constructor(server: dgram.Socket, targetFor: (clientAddress: string) => RelayTarget | undefined) {
    this.#server = server;
    server.on('message', (message, from) => {
      const client = `${from.address}:${from.port}`;
      const flow = this.#flows.get(client) ?? this.#begin(from, targetFor(from.address));
      flow?.idle.refresh();
      if (flow) send(flow, message);
    });
  }

  /** Clients whose target is not among these any more get another one with their next datagram. */
  keepOnly(stillServes: (target: RelayTarget) => boolean): void {
    for (const [client, flow] of this.#flows) {
      if (stillServes(flow.target)) continue;
      this.#flows.delete(client);
      clearTimeout(flow.idle);
      this.#late.add(flow);
      setTimeout(() => {
        if (this.#late.delete(flow)) flow.socket.close();
      }, LATE_MS).unref();
    }
  }

  close(): void {
    this.#server.close();
    for (const client of [...this.#flows.keys()]) this.#end(client);
    for (const { socket } of this.#late) socket.close();
    this.#late.clear();
  }

  #begin(from: dgram.RemoteInfo, target: RelayTarget | undefined): Flow | undefined {
    if (target === undefined) return undefined;
    const client = `${from.address}:${from.port}`;
    const socket = dgram.createSocket('udp4');
    if (target.from !== undefined && !hasOneLoopbackAddress()) socket.bind({ address: target.from });
    const flow = { target, socket, idle: setTimeout(() => this.#end(client), IDLE_MS).unref() };
    // What can't be delivered is lost, as datagrams are.
    socket.on('error', () => undefined);
    socket.on('message', (message) => {
      if (!this.#late.has(flow)) flow.idle.refresh();
      this.#server.send(message, from.port, from.address, () => undefined);
    });
    this.#flows.set(client, flow);
    return flow;
  }

  #end(client: string): void {
    const flow = this.#flows.get(client);
    this.#flows.delete(client);
    clearTimeout(flow?.idle);
    flow?.socket.close();
  }
}
