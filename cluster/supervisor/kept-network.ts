import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentConfig } from '@skiff/node-agent/config';
import type { DataFolder } from '../data-folder.ts';
import { ownPlan } from '../network/address-plan.ts';
import { HOST_ADDRESS, nodeName } from '../network/addresses.ts';
import { ClusterNetwork } from '../network/cluster-network.ts';
import type { Entrance } from '../network/entrance.ts';
import { HostResolver, nodeResolvConf } from '../network/host-resolver.ts';
import { listenInside } from '../network/listen-inside.ts';
import type { SocketHandle } from '../network/socket-handle.ts';
import { type NodeNetwork, NoNodes } from './node-network.ts';

const RETRY_MS = 1_000;

export interface KeptNetworkOptions {
  readonly folder: DataFolder;
  /** How many; asked for at each start. */
  readonly nodes: () => number;
  /** Called with the socket inside for the API server, each time there is a new one. */
  readonly onSocket: (socket: SocketHandle) => void;
}

/** The cluster's own network, which is made anew when somebody kills its first process; whatever ran in it is then gone. */
export class KeptNetwork implements NodeNetwork {
  readonly kind = 'own';
  readonly plan = ownPlan;
  readonly apiServerUrl = `https://${ownPlan.apiServer.address}:${ownPlan.apiServer.port}`;
  readonly #options: KeptNetworkOptions;
  #started: Promise<void> | undefined;
  #network: ClusterNetwork | undefined;
  #socket: SocketHandle | undefined;
  #resolver: HostResolver | undefined;
  #closing = false;

  constructor(options: KeptNetworkOptions) {
    this.#options = options;
  }

  start(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  get socket(): SocketHandle | undefined {
    return this.#socket;
  }

  get entrance(): Entrance | undefined {
    return this.#network?.entrance;
  }

  enterNode(name: string, command: readonly string[]): { command: readonly string[]; env: Record<string, string> } {
    return { command: this.#current.enter(command, { node: name }), env: {} };
  }

  agentConfig(index: number): Partial<AgentConfig> {
    return {
      network: this.kind,
      nodeIP: ownPlan.nodeAddress(index),
      podCIDR: ownPlan.podCIDR(index),
      clusterCIDR: ownPlan.pods,
      clusterDNS: ownPlan.dns,
      hostAddress: HOST_ADDRESS,
      resolvConf: this.#options.folder.resolvConf,
      stateDir: stateDir(index),
    };
  }

  async addNode(index: number): Promise<void> {
    await this.#current.addNode(index);
  }

  async stopNode(index: number): Promise<void> {
    const namespaces = this.#podNamespaces(index);
    await this.#current.stopNode(index, { namespaces, stateDir: stateDir(index) });
  }

  async startNode(index: number): Promise<void> {
    await this.#current.startNode(index);
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#socket?.close();
    await this.#resolver?.close();
    await this.#network?.close();
  }

  get #current(): ClusterNetwork {
    if (this.#network === undefined) throw new NoNodes();
    return this.#network;
  }

  async #start(): Promise<void> {
    writeFileSync(this.#options.folder.resolvConf, nodeResolvConf());
    await this.#make();
    void this.#keep();
  }

  async #make(): Promise<void> {
    const network = await ClusterNetwork.start({ nodes: this.#options.nodes() });
    this.#network = network;
    const addresses = [{ protocol: 'TCP', ...ownPlan.apiServer } as const, ...HostResolver.addresses];
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

  /** The network namespaces of a node's Pods, by the addresses that its agent gave out. */
  #podNamespaces(index: number): string[] {
    try {
      const path = `/proc/${this.#current.entrance.initPid}/root${stateDir(index)}/pod-addresses.json`;
      // Written by the node agent's network/pod-addresses.ts.
      const { allocations } = JSON.parse(readFileSync(path, 'utf8')) as { allocations: Record<string, unknown> };
      return Object.keys(allocations).map((sandbox) => `pod-${sandbox}`);
    } catch {
      return []; // it never ran a Pod
    }
  }
}

/** In the cluster's own /run. */
function stateDir(index: number): string {
  return `/run/skiff/${nodeName(index)}`;
}
