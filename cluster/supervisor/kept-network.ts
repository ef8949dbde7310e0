import { setTimeout as delay } from 'node:timers/promises';
import { LAN_ADDRESS } from '../network/addresses.ts';
import { ClusterNetwork } from '../network/cluster-network.ts';
import { HostResolver } from '../network/host-resolver.ts';
import { listenInside } from '../network/listen-inside.ts';
import type { SocketHandle } from '../network/socket-handle.ts';

/** Where Pods and node agents reach the API server. */
export const LAN_API_PORT = 6443;

const RETRY_MS = 1_000;

export interface KeptNetworkOptions {
  /** How many; asked for at each start. */
  readonly nodes: () => number;
  /** Called with the socket inside for the API server, each time there is a new one. */
  readonly onSocket: (socket: SocketHandle) => void;
}

/** The cluster's network, which is made anew when somebody kills its first process; whatever ran in it is then gone. */
export class KeptNetwork {
  readonly #options: KeptNetworkOptions;
  #network: ClusterNetwork | undefined;
  #socket: SocketHandle | undefined;
  #resolver: HostResolver | undefined;
  #closing = false;

  constructor(options: KeptNetworkOptions) {
    this.#options = options;
  }

  /** Resolves when nodes can be started in it; rejects with what to do about it. */
  async start(): Promise<void> {
    await this.#make();
    void this.#keep();
  }

  get current(): ClusterNetwork | undefined {
    return this.#network;
  }

  get socket(): SocketHandle | undefined {
    return this.#socket;
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#socket?.close();
    await this.#resolver?.close();
    await this.#network?.close();
  }

  async #make(): Promise<void> {
    const network = await ClusterNetwork.start({ nodes: this.#options.nodes() });
    this.#network = network;
    const addresses = [
      { protocol: 'TCP', address: LAN_ADDRESS, port: LAN_API_PORT } as const,
      ...HostResolver.addresses,
    ];
    const [socket, ...resolver] = await listenInside(network, { addresses });
    if (socket === undefined) throw new Error('no socket was opened for the API server');
    this.#socket = socket;
    this.#options.onSocket(socket);
    this.#resolver = await HostResolver.start(resolver);
  }

  async #keep(): Promise<void> {
    while (!this.#closing) {
      await this.#network?.ended;
      if (this.#closing) return;
      this.#socket?.close();
      await this.#resolver?.close();
      try {
        await this.#make();
      } catch (error) {
        process.stderr.write(`the network could not be made anew: ${String(error)}\n`);
        await delay(RETRY_MS);
      }
    }
    await this.#network?.close();
  }
}
