import { join } from 'node:path';
import type { Clock } from '@skiff/api/clock';
import { Client } from '@skiff/client/client';
import type { ClientConfig } from '@skiff/client/config';
import { NodeAgent } from '@skiff/node-agent/agent';
import { parseConfig } from '@skiff/node-agent/config';
import { FakeRuntime } from '@skiff/node-agent/runtime/fake';
import type { DataFolder } from '../data-folder.ts';
import { nodeAddress, nodeName, podCIDR } from '../network/addresses.ts';
import { matchesContainer, matchesPod, type PodMatch } from './pod-match.ts';
import { restorePods } from './restored-pods.ts';
import { simulatedImage } from './simulated-image.ts';
import { SimulatedPodNetwork } from './simulated-network.ts';
import type { SimulatedPods } from './simulated-pods.ts';
import { SimulatedProbes } from './simulated-probes.ts';
import type { TestNode } from './test-node.ts';

export interface SimulatedNodeOptions {
  /** From 1. */
  readonly index: number;
  /** The API server, as the node's user. */
  readonly client: ClientConfig;
  /** The cluster's. */
  readonly folder: DataFolder;
  readonly pods: SimulatedPods;
  /** Whether it has run before, in another cluster: it then runs what its Pods say that it runs. */
  readonly restored: boolean;
  readonly clock?: Clock | undefined;
}

/** The real node agent over a runtime without processes: Pods run as far as their objects and logs tell. */
export class SimulatedNode implements TestNode, AsyncDisposable {
  readonly name: string;
  readonly #options: SimulatedNodeOptions;
  readonly #runtime: FakeRuntime;
  #hasRun = false;
  #running: { readonly agent: NodeAgent; readonly client: Client } | undefined;

  constructor(options: SimulatedNodeOptions) {
    this.#options = options;
    this.name = nodeName(options.index);
    this.#runtime = new FakeRuntime({
      clock: options.clock,
      program: ({ name }, sandbox) => options.pods.program(this.#metadataOf(sandbox), name),
      sandboxError: (config) => options.pods.pending(this.#metadataOf(config)),
      exec: (id, command, stdin) => this.#exec(id, command, stdin),
    });
  }

  /** Resolves when the Node is Ready and its Pods are being followed. A node that was stopped can be started again. */
  async start(): Promise<void> {
    if (this.#running) return;
    const { index, folder, pods, clock } = this.#options;
    const dataDir = folder.node(this.name);
    const socketPath = folder.nodeSocket(this.name);
    const stateDir = join(dataDir, 'state');
    const config = parseConfig({
      ...{ nodeName: this.name, nodeIP: nodeAddress(index), podCIDR: podCIDR(index), dataDir, stateDir, socketPath },
      client: this.#options.client,
    });
    const client = new Client({ userAgent: 'skiff-node-agent', ...this.#options.client });
    if (this.#options.restored && !this.#hasRun) await restorePods(client, { config, runtime: this.#runtime });
    this.#hasRun = true;
    const agent = new NodeAgent({
      ...{ config, client, clock, runtime: this.#runtime },
      images: { resolve: async (name) => simulatedImage(name) },
      podNetwork: new SimulatedPodNetwork(config),
      probes: (given) => new SimulatedProbes(pods, given),
    });
    this.#running = { agent, client };
    await agent.start();
  }

  /** The node falls silent, as if its machine had lost power; its Pods run on. */
  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.agent.close();
    running?.client.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Has every Pod looked at anew. */
  lookAgain(): void {
    this.#runtime.lookAgain();
  }

  /** Ends containers that run. */
  exit(match: PodMatch, exitCode: number): void {
    for (const { namespace, name, container, id } of this.#runtime.containers()) {
      if (matchesContainer(match, container) && matchesPod(match, this.#metadataOf({ namespace, name })))
        this.#runtime.exit(id, exitCode);
    }
  }

  /** The Pod's labels are those that the agent knows. */
  #metadataOf({ namespace, name }: { namespace: string; name: string }) {
    return this.#running?.agent.pods.find(namespace, name)?.pod.metadata ?? { namespace, name };
  }

  #exec(id: string, command: readonly string[], stdin: string) {
    const found = this.#runtime.containers().find((container) => container.id === id);
    if (!found) throw new Error(`there is no container ${id}`);
    return this.#options.pods.exec(command, { ...found, stdin });
  }
}
