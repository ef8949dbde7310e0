import type { Entrance } from '../network/entrance.ts';

/** How a cluster is started: what `skiff up` hands to its supervisor. */
export interface ClusterConfig {
  readonly name: string;
  readonly dataDir: string;
  readonly nodes: number;
  /** What the nodes are on: `auto` is a network of their own, and the host's where the machine refuses that. */
  readonly network: 'auto' | 'own' | 'host';
  /** Of HTTPS on 127.0.0.1; 0 is any free one. Absent: the usual one, or any where that is in use. */
  readonly apiPort?: number;
  /** The manifest to apply as a sample, if any. */
  readonly sample?: string;
  readonly proxy: 'auto' | 'nftables' | 'userspace';
  readonly runtime: 'auto' | 'crun' | 'namespaces';
  readonly imageFallback: 'host' | 'none';
}

/** What the supervisor tells `skiff up` while it starts. */
export type Progress =
  | { readonly type: 'stage'; readonly stage: string; readonly ms: number }
  | { readonly type: 'notice'; readonly text: string }
  | {
      readonly type: 'up';
      readonly ms: number;
      readonly nodes: number;
      readonly nodesMs?: number;
      readonly url: string;
      readonly sampleUrls: readonly string[];
    }
  | { readonly type: 'failed'; readonly message: string };

export interface NodeStatus {
  readonly name: string;
  readonly state: 'running' | 'stopped';
  readonly address: string;
  readonly podCIDR: string;
}

/** What can be done to nodes while the cluster runs. */
export type NodeOrder = { readonly verb: 'add' } | { readonly verb: 'stop' | 'start'; readonly name: string };

/** What came of a {@link NodeOrder}: the node's name, or why it failed. */
export type NodeAnswer = { readonly node: string } | { readonly error: string };

/** What the supervisor answers to `status` on its control socket. */
export interface ClusterStatus {
  readonly name: string;
  readonly pid: number;
  readonly url: string;
  readonly nodes: readonly NodeStatus[];
  readonly since: string;
  readonly parts: readonly { readonly name: string; readonly pid: number | undefined; readonly restarts: number }[];
  readonly hostPorts: readonly { readonly address: string; readonly port: number; readonly hostPort: number }[];
  /** The way into its network; absent where it has no nodes. */
  readonly entrance?: Entrance;
  /** What its nodes are on. */
  readonly network?: 'own' | 'host';
  readonly clusterDNS?: string;
  /** Where it is said which ports are elsewhere; absent where all are where they should be. */
  readonly portsDir?: string;
}
