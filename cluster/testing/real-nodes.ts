import { mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { Client } from '@skiff/client/client';
import type { DataFolder } from '../data-folder.ts';
import { HostLoadBalancer } from '../network/host-load-balancer.ts';
import { HostPortBroker } from '../network/host-ports.ts';
import { applyManifest, untilAvailable } from '../supervisor/apply-manifest.ts';
import { ClusterNodes } from '../supervisor/cluster-nodes.ts';
import { KeptNetwork } from '../supervisor/kept-network.ts';
import type { TestNode } from './test-node.ts';

const dnsManifest = join(import.meta.dirname, '..', 'manifests', 'cluster-dns.yaml');
const choices = { proxy: 'auto', runtime: 'auto', imageFallback: 'host' } as const;

export interface RealNodesOptions {
  readonly count: number;
  /** The cluster's folder. */
  readonly folder: DataFolder;
  /** What a user shows to the API server. */
  readonly credentials: (user: string) => { readonly ca: string; readonly cert: string; readonly key: string };
  /** Has the API server serve on a socket inside the cluster's network. */
  readonly adopt: (listener: Server) => void;
}

/** Nodes as `skiff up` has them: processes in a network of their own, which run Pods as processes, with the cluster's DNS. */
export class RealNodes implements AsyncDisposable {
  readonly #folder: DataFolder;
  readonly #broker = new HostPortBroker();
  readonly #network: KeptNetwork;
  readonly #nodes: ClusterNodes;
  /** Opens load balancers on this machine. */
  readonly loadBalancer = new HostLoadBalancer({ broker: this.#broker });

  constructor({ count, folder, credentials, adopt }: RealNodesOptions) {
    this.#folder = folder;
    const onSocket = (handle: object): void => adopt(createServer().listen(handle));
    this.#network = new KeptNetwork({ folder, nodes: () => count, onSocket });
    this.#nodes = new ClusterNodes({
      ...{ folder, network: this.#network, broker: this.#broker },
      config: { nodes: count, ...choices },
      credentials: (user, server) => ({ server, ...credentials(user) }),
    });
  }

  /** By name. */
  get all(): Map<string, TestNode> {
    const names = this.#nodes.list().map(({ name }) => name);
    const stop = (name: string) => () => this.#nodes.stop(name);
    const start = (name: string) => () => this.#nodes.start(name);
    return new Map(names.map((name) => [name, { name, stop: stop(name), start: start(name) }]));
  }

  /** Resolves when every node is Ready and names resolve. Controllers must run, or be started meanwhile. */
  async start(client: Client): Promise<void> {
    mkdirSync(this.#folder.logs, { recursive: true, mode: 0o700 });
    await this.#network.start();
    await Promise.all(this.#nodes.startAll().map((part) => part.ready()));
    await untilAvailable(client, await applyManifest(client, dnsManifest));
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
