import { isDeepStrictEqual } from 'node:util';
import { isAlreadyExists } from '@skiff/api/status';
import type { Node } from '@skiff/api/types';
import type { Client } from '@skiff/client/client';
import { type Clock, systemClock } from '../clock.ts';
import type { AgentConfig } from '../config.ts';
import { nodeConditions, nodeFindings, sameFindings } from './conditions.ts';
import { inspectMachine, type Machine } from './machine.ts';
import { nodeLabels, nodeStatus } from './node-object.ts';

/** How often the node looks at itself, and how often it writes though nothing has changed. The Lease is the sign of life. */
const LOOK_MS = 10_000;
const HEARTBEAT_MS = 5 * 60_000;

export interface NodeRegistrationOptions {
  readonly config: AgentConfig;
  readonly client: Client;
  readonly clock?: Clock;
}

/**
 * This node's object: makes it or takes it over, then keeps its status true. Its labels and spec are the user's, but for the labels and
 * the Pod range that a kubelet sets itself.
 */
export class NodeRegistration {
  readonly #config: AgentConfig;
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #machine: Machine;
  #runtimeVersion = 'unknown://';
  #node: Node | undefined;
  #writtenAt = 0;
  #stopTimer: () => void = () => {};

  constructor({ config, client, clock = systemClock }: NodeRegistrationOptions) {
    this.#config = config;
    this.#client = client;
    this.#clock = clock;
    this.#machine = inspectMachine(config.dataDir);
  }

  /** The Node as the API server last answered with it. */
  get node(): Node | undefined {
    return this.#node;
  }

  /** One request where the Node is new: its create may carry the status. Resolves when it is registered and Ready. */
  async register(runtimeVersion: string): Promise<Node> {
    this.#runtimeVersion = runtimeVersion;
    const { nodeName, podCIDR } = this.#config;
    const nodes = this.#client.resource('Node');
    try {
      this.#node = await nodes.create({
        metadata: {
          name: nodeName,
          labels: nodeLabels(nodeName, this.#machine),
          annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' },
        },
        spec: { podCIDR, podCIDRs: [podCIDR] },
        status: this.#status([]),
      });
      this.#writtenAt = this.#clock.now();
      if (isReady(this.#node)) return this.#node;
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      await this.#takeOver();
    }
    return this.#write();
  }

  /** Keeps the status until the signal aborts. */
  start({ signal }: { signal: AbortSignal }): void {
    const look = (): void => {
      if (signal.aborted) return;
      // What can't be written now is written at the next look.
      void this.refresh()
        .catch(() => undefined)
        .then(() => {
          if (!signal.aborted) this.#stopTimer = this.#clock.after(LOOK_MS, look);
        });
    };
    this.#stopTimer = this.#clock.after(LOOK_MS, look);
    signal.addEventListener('abort', () => this.#stopTimer(), { once: true });
  }

  /**
   * Takes note of the Node as it is now. What somebody else wrote to its conditions is put right: the node controller does, when it has
   * not heard from the node for too long.
   */
  observe(node: Node): void {
    if (
      this.#node === undefined ||
      Number(node.metadata.resourceVersion) <= Number(this.#node.metadata.resourceVersion)
    )
      return;
    this.#node = node;
    // What can't be written now is written at the next look.
    void this.refresh().catch(() => undefined);
  }

  /** Writes the status where it has changed, or was not written for long. */
  async refresh(): Promise<void> {
    const findings = nodeFindings(this.#config);
    const old = this.#clock.now() - this.#writtenAt >= HEARTBEAT_MS;
    if (!old && sameFindings(findings, this.#node?.status?.conditions ?? [])) return;
    await this.#write();
  }

  #status(before: NonNullable<NonNullable<Node['status']>['conditions']>): NonNullable<Node['status']> {
    const conditions = nodeConditions(nodeFindings(this.#config), before, this.#clock.now());
    return { ...nodeStatus(this.#config, this.#machine, this.#runtimeVersion), conditions };
  }

  /** Brings the labels and the Pod range of a Node that was there into line. */
  async #takeOver(): Promise<void> {
    const { nodeName, podCIDR } = this.#config;
    const nodes = this.#client.resource('Node');
    const node = await nodes.get({ name: nodeName });
    const labels = nodeLabels(nodeName, this.#machine);
    const spec = { podCIDR, podCIDRs: [podCIDR] };
    const isSame =
      isDeepStrictEqual({ ...node.metadata.labels, ...labels }, node.metadata.labels) && node.spec?.podCIDR === podCIDR;
    this.#node = isSame
      ? node
      : await nodes.patch({ name: nodeName }, { metadata: { labels }, ...(!node.spec?.podCIDR && { spec }) });
  }

  async #write(): Promise<Node> {
    const status = this.#status(this.#node?.status?.conditions ?? []);
    const patch = { status };
    const key = { name: this.#config.nodeName };
    this.#node = await this.#client.resource('Node').patch(key, patch, { type: 'strategic', subresource: 'status' });
    this.#writtenAt = this.#clock.now();
    return this.#node;
  }
}

function isReady(node: Node): boolean {
  return node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
}
