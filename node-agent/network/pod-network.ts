/**
 * Gives Pods their network. One implementation makes a network namespace per Pod, joined to the node's by a point-to-point veth;
 * another gives addresses of the host's loopback. Every call may be repeated, and what exists survives the node agent.
 */
export interface PodNetwork {
  /** Makes it, with an address; a repeated call answers with what is there. Rejects when the node's range is used up. */
  setUp(sandboxId: string): Promise<PodInterface>;
  /** Removes it and gives the address back. Succeeds where there is nothing. */
  tearDown(sandboxId: string): Promise<void>;
  list(): Promise<PodInterface[]>;
}

export interface PodInterface {
  readonly sandboxId: string;
  /** The Pod's IPv4 address. */
  readonly ip: string;
  /** Path of the network namespace, for setns(2); absent where the Pod uses the host's network. */
  readonly networkNamespace?: string;
}
