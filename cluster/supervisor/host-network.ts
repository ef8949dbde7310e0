import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentConfig } from '@skiff/node-agent/config';
import { hasOneLoopbackAddress, PortDirectory } from '@skiff/node-agent/network/port-directory';
import { killMarked } from '@skiff/node-agent/runtime/marked-processes';
import type { DataFolder } from '../data-folder.ts';
import { type AddressPlan, HOST_PLANS, hostPlan } from '../network/address-plan.ts';
import { nodeName } from '../network/addresses.ts';
import { bindOrElsewhere } from '../network/bind-elsewhere.ts';
import { readHostResolvConf } from '../network/host-resolver.ts';
import { CannotStart } from '../network/preflight.ts';
import { BindError, bindSocket, type SocketHandle } from '../network/socket-handle.ts';
import { Keeper } from './keeper.ts';
import { type NodeNetwork, NoNodes } from './node-network.ts';

export interface HostNetworkOptions {
  readonly folder: DataFolder;
  /** Which addresses it had before: see hostPlan(). */
  readonly number?: number | undefined;
}

/**
 * The host's network, for nodes whose Pods are plain processes, each on a loopback address of its own. What would end with a namespace is
 * found by marks in the environment (SKIFF_CLUSTER, SKIFF_NODE) instead, and what would be on a tmpfs is in the data folder, until the end.
 */
export class HostNetwork implements NodeNetwork {
  readonly kind = 'host';
  readonly number: number;
  readonly plan: AddressPlan;
  readonly portsDir: string;
  readonly apiServerUrl: string;
  readonly socket: SocketHandle;
  readonly #folder: DataFolder;
  readonly #lock: SocketHandle | undefined;
  /** Of this start of the cluster; short, because paths of sockets must be. */
  readonly #cluster = randomBytes(4).toString('hex');
  readonly #state: string;
  readonly #keeper: Keeper;
  #isStarted = false;

  /** Takes addresses that no other cluster of this machine uses. Throws {@link CannotStart}. */
  constructor({ folder, number }: HostNetworkOptions) {
    this.#folder = folder;
    this.#state = join(folder.states, this.#cluster);
    this.portsDir = join(this.#state, 'ports');
    mkdirSync(this.portsDir, { recursive: true, mode: 0o700 });
    const taken = takeNumber(number);
    this.number = taken.number;
    this.#lock = taken.lock;
    this.plan = hostPlan(this.number);
    const directory = new PortDirectory(this.portsDir);
    const { handle, real } = bindOrElsewhere({ protocol: 'TCP', ...this.plan.apiServer }, { directory });
    this.socket = handle;
    this.apiServerUrl = `https://${real.address}:${real.port}`;
    this.#keeper = new Keeper({ cluster: this.#cluster, stateDir: this.#state });
  }

  async start(): Promise<void> {
    if (this.#isStarted) return;
    this.#isStarted = true;
    writeFileSync(this.#folder.resolvConf, readHostResolvConf());
    this.#keeper.start();
    await this.#endFormerStarts();
  }

  enterNode(name: string, command: readonly string[]): { command: readonly string[]; env: Record<string, string> } {
    return { command, env: { SKIFF_CLUSTER: this.#cluster, SKIFF_NODE: name } };
  }

  agentConfig(index: number): Partial<AgentConfig> {
    const { plan } = this;
    return {
      network: this.kind,
      portsDir: this.portsDir,
      nodeIP: plan.nodeAddress(index),
      podCIDR: plan.podCIDR(index),
      clusterCIDR: plan.pods,
      clusterDNS: plan.dns,
      resolvConf: this.#folder.resolvConf,
      stateDir: this.#stateDir(index),
      proxy: 'userspace',
      runtime: 'processes',
    };
  }

  async addNode(): Promise<void> {
    if (!this.#isStarted) throw new NoNodes();
  }

  async stopNode(index: number): Promise<void> {
    await killMarked({ SKIFF_CLUSTER: this.#cluster, SKIFF_NODE: nodeName(index) });
    rmSync(this.#stateDir(index), { recursive: true, force: true });
    const directory = new PortDirectory(this.portsDir);
    for (const addresses of [this.plan.nodeAddress(index), this.plan.podCIDR(index)]) directory.withdrawAll(addresses);
  }

  async startNode(): Promise<void> {}

  async close(): Promise<void> {
    this.socket.close();
    this.#lock?.close();
    await this.#keeper.close();
    // One that has never started has no keeper to do that.
    rmSync(this.#state, { recursive: true, force: true });
  }

  /** Of a start whose supervisor and keeper were killed both, or whose keeper is still at it. */
  async #endFormerStarts(): Promise<void> {
    const { states } = this.#folder;
    const former = existsSync(states) ? readdirSync(states).filter((name) => name !== this.#cluster) : [];
    await Promise.all(former.map((cluster) => killMarked({ SKIFF_CLUSTER: cluster })));
    for (const name of former) rmSync(join(states, name), { recursive: true, force: true });
  }

  #stateDir(index: number): string {
    return join(this.#state, nodeName(index));
  }
}

/** A UDP socket at the API server's address is the lock: unlike one for TCP, it is nobody else's from the moment when it is bound. */
function takeNumber(wanted: number | undefined): { number: number; lock: SocketHandle | undefined } {
  // Addresses that are names only are each cluster's own.
  if (hasOneLoopbackAddress()) return { number: wanted ?? 0, lock: undefined };
  const numbers = wanted === undefined ? Array.from({ length: HOST_PLANS }, (_, number) => number) : [wanted];
  for (const number of numbers) {
    try {
      return { number, lock: bindSocket({ protocol: 'UDP', ...hostPlan(number).apiServer }) };
    } catch (error) {
      if (!(error instanceof BindError)) throw error;
    }
  }
  throw new CannotStart({
    step: `use the addresses ${hostPlan(wanted ?? 0).pods}`,
    cause: 'another cluster of this machine uses them',
    fix: 'End that first, with: npx skiff down',
  });
}
