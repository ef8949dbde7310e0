import type { AgentConfig } from '@skiff/node-agent/config';
import type { AddressPlan } from '../network/address-plan.ts';
import type { Entrance } from '../network/entrance.ts';
import type { SocketHandle } from '../network/socket-handle.ts';

/** What the nodes of a cluster are on: a network of the cluster's own (kept-network.ts), or the host's (host-network.ts). */
export interface NodeNetwork {
  readonly kind: AgentConfig['network'];
  readonly plan: AddressPlan;
  /** Where node agents reach the API server, which serves on {@link socket} there. */
  readonly apiServerUrl: string;
  /** For the API server to serve on, once there is one; `onSocket` tells of each. */
  readonly socket: SocketHandle | undefined;
  /** The way in, for programs of the host; absent where there is none, or nothing to enter. */
  readonly entrance?: Entrance | undefined;
  /** Where it is said which ports are elsewhere; absent where all are where they should be. */
  readonly portsDir?: string;

  /** Resolves when nodes can be started; rejects with a CannotStart. May be called again. */
  start(): Promise<void>;
  /** How a program of a node is run. */
  enterNode(
    name: string,
    command: readonly string[],
  ): { command: readonly string[]; env: Readonly<Record<string, string>> };
  /** What the agent of node N must know of its network. */
  agentConfig(index: number): Partial<AgentConfig>;
  /** Makes room for a node. */
  addNode(index: number): Promise<void>;
  /** Ends what is left of a node whose agent has ended, Pods and state, as when a machine loses its power. */
  stopNode(index: number): Promise<void>;
  /** Undoes {@link stopNode}; the agent is the caller's to start. */
  startNode(index: number): Promise<void>;
  /** Ends everything that runs in it; resolves when that is gone. */
  close(): Promise<void>;
}

/** Nothing can be done to nodes where there is nothing for them to be on. */
export class NoNodes extends Error {
  override readonly name = 'NoNodes';

  constructor() {
    super('this cluster was started without nodes; start it with "skiff up --nodes 1" or more');
  }
}
