import { mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { Client } from '@skiff/client/client';
import type { DataFolder } from '../data-folder.ts';
import type { AddressPlan } from '../network/address-plan.ts';
import { HostLoadBalancer } from '../network/host-load-balancer.ts';
import type { HostPortBroker } from '../network/host-ports.ts';
import type { SocketHandle } from '../network/socket-handle.ts';
import { applyManifest, untilAvailable } from '../supervisor/apply-manifest.ts';
import { chooseNetwork } from '../supervisor/choose-network.ts';
import { ClusterNodes } from '../supervisor/cluster-nodes.ts';
import { brokerFor } from '../supervisor/network-broker.ts';
import type { NodeNetwork } from '../supervisor/node-network.ts';
import type { TestNode } from './test-node.ts';

const dnsManifest = join(import.meta.dirname, '..', 'manifests', 'cluster-dns.yaml');
const choices = { proxy: 'auto', runtime: 'auto', imageFallback: 'host' } as const;

export interface RealNodesOptions {
  readonly count: number;
  /** The cluster's folder. */
  readonly folder: DataFolder;
}

/** What an API server does for real nodes. */
export interface RealNodesServer {
  /** What a user shows to it. */
  readonly credentials: (user: string) => { readonly ca: string; readonly cert: string; readonly key: string };
  /** Has it serve on a socket inside the cluster's network. */
  readonly adopt: (listener: Server) => void;
}

/**
 * Nodes as `skiff up` has them: processes in a network of their own, or of the host's where that is refused, which run Pods as processes,
 * with the cluster's DNS.
 */
export class RealNodes implements AsyncDisposable {
  readonly #broker: HostPortBroker;
  readonly #network: NodeNetwork;
  readonly #nodes: ClusterNodes;
  #server: RealNodesServer | undefined;
  /** Opens load balancers on this machine. */
  readonly loadBalancer: HostLoadBalancer;

  /** Resolves when it is known what they are on; {@link start} starts them. */
  static async open({ count, folder }: RealNodesOptions): Promise<RealNodes> {
    mkdirSync(folder.logs, { recursive: true, mode: 0o700 });
    let nodes: RealNodes | undefined;
    const network = await chooseNetwork({
      ...{ folder, nodes: () => count, config: { nodes: count, network: 'auto', ...choices } },
      onSocket: (socket) => {
        if (nodes) nodes.#serve(socket);
      },
      notice: () => undefined,
    });
    nodes = new RealNodes({ count, folder, network });
    return nodes;
  }

  private constructor({ count, folder, network }: RealNodesOptions & { network: NodeNetwork }) {
    this.#network = network;
    this.#broker = brokerFor(network);
    this.loadBalancer = new HostLoadBalancer({ broker: this.#broker });
    this.#nodes = new ClusterNodes({
      ...{ folder, network, broker: this.#broker },
      config: { nodes: count, ...choices },
      credentials: (user, server) => {
        if (this.#server === undefined) throw new Error('the nodes are not started');
        return { server, ...this.#server.credentials(user) };
      },
    });
  }

  /** Which the API server is to follow. */
  get plan(): AddressPlan {
    return this.#network.plan;
  }

  /** By name. */
  get all(): Map<string, TestNode> {
    const names = this.#nodes.list().map(({ name }) => name);
    const stop = (name: string) => () => this.#nodes.stop(name);
    const start = (name: string) => () => this.#nodes.start(name);
    return new Map(names.map((name) => [name, { name, stop: stop(name), start: start(name) }]));
  }

  /** Resolves when every node is Ready and names resolve. Controllers must run, or be started meanwhile. */
  async start(client: Client, server: RealNodesServer): Promise<void> {
    this.#server = server;
    await this.#network.start();
    if (this.#network.socket) this.#serve(this.#network.socket);
    await Promise.all(this.#nodes.startAll().map((part) => part.ready()));
    await untilAvailable(client, await applyManifest(client, dnsManifest, { clusterIP: this.plan.dns }));
  }

  #serve(socket: SocketHandle): void {
    this.#server?.adopt(createServer().listen(socket));
  }

  /** Ends the agents, then the network with all that runs in it. */
  async close(): Promise<void> {
    await this.#nodes.close();
    await this.#network.close();
    this.#broker.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
