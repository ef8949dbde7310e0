import { mkdirSync } from 'node:fs';
import type { DataFolder } from '../data-folder.ts';
import { nodeName } from '../network/addresses.ts';
import { withSystemPrograms } from '../network/entrance.ts';
import type { HostPortBroker } from '../network/host-ports.ts';
import { saveNodeCount } from '../node-count.ts';
import type { ClusterConfig, NodeStatus } from './messages.ts';
import type { NodeNetwork } from './node-network.ts';
import { Part } from './part.ts';
import { nodeFlags, programs } from './programs.ts';

interface Credentials {
  readonly server: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface ClusterNodesOptions {
  readonly config: Pick<ClusterConfig, 'nodes' | 'proxy' | 'runtime' | 'imageFallback'>;
  readonly folder: DataFolder;
  readonly network: NodeNetwork;
  readonly broker: HostPortBroker;
  /** What a user proves itself with to the API server at this URL; made where there is nothing yet. */
  readonly credentials: (user: string, server: string) => Credentials;
}

/** The nodes of a cluster: an agent for each that runs. They can be added, and stopped and started as machines are. */
export class ClusterNodes {
  readonly #options: ClusterNodesOptions;
  readonly #running = new Map<string, Part>();
  #count: number;

  constructor(options: ClusterNodesOptions) {
    this.#options = options;
    this.#count = options.config.nodes;
  }

  /** Starts the agents of all nodes; each is ready when its Node is. */
  startAll(): Part[] {
    saveNodeCount(this.#options.folder, this.#count);
    return Array.from({ length: this.#count }, (_, position) => this.#startAgent(position + 1));
  }

  get parts(): Part[] {
    return [...this.#running.values()];
  }

  get count(): number {
    return this.#count;
  }

  list(): NodeStatus[] {
    const { plan } = this.#options.network;
    return Array.from({ length: this.#count }, (_, position) => {
      const index = position + 1;
      const name = nodeName(index);
      const state = this.#running.has(name) ? 'running' : 'stopped';
      return { name, state, address: plan.nodeAddress(index), podCIDR: plan.podCIDR(index) };
    });
  }

  /** One more node. Resolves with its name when it is ready. */
  async add(): Promise<string> {
    const index = this.#count + 1;
    await this.#options.network.addNode(index);
    this.#count = index;
    saveNodeCount(this.#options.folder, this.#count);
    await this.#startAgent(index).ready();
    return nodeName(index);
  }

  /** As when a machine loses its power: the agent, its Pods and its network are gone at once, and nobody is told. */
  async stop(name: string): Promise<void> {
    const index = this.#indexOf(name);
    const part = this.#running.get(name);
    if (part === undefined) throw new Error(`node "${name}" is stopped already`);
    this.#running.delete(name);
    await part.stop();
    await this.#options.network.stopNode(index);
  }

  /** Resolves when a node that was stopped is ready again. */
  async start(name: string): Promise<void> {
    const index = this.#indexOf(name);
    if (this.#running.has(name)) throw new Error(`node "${name}" runs already`);
    await this.#options.network.startNode(index);
    await this.#startAgent(index).ready();
  }

  async close(): Promise<void> {
    await Promise.all(this.parts.map((part) => part.stop()));
  }

  #indexOf(name: string): number {
    const names = this.list().map((node) => node.name);
    const position = names.indexOf(name);
    if (position < 0) throw new Error(`there is no node "${name}"; there are ${names.join(', ') || 'none'}`);
    return position + 1;
  }

  #startAgent(index: number): Part {
    const { config, folder, network, broker, credentials } = this.#options;
    const agent = [process.execPath, ...nodeFlags, programs.nodeAgent];
    const { proxy, runtime, imageFallback } = config;
    const name = nodeName(index);
    mkdirSync(folder.node(name), { recursive: true, mode: 0o700 });
    const part = new Part({
      name,
      logFile: folder.log(name),
      command: () => network.enterNode(name, agent).command,
      config: () => ({
        client: credentials(`system:node:${name}`, network.apiServerUrl),
        nodeName: name,
        clusterDomain: 'cluster.local',
        dataDir: folder.node(name),
        socketPath: folder.nodeSocket(name),
        proxy,
        runtime,
        imageFallback,
        imagesDir: folder.images,
        ...network.agentConfig(index),
      }),
      env: { PATH: withSystemPrograms(process.env['PATH'] ?? ''), ...network.enterNode(name, agent).env },
      onStart: (child) => broker.connect(child),
      onFailure: () => undefined,
    });
    this.#running.set(name, part);
    part.start();
    return part;
  }
}
