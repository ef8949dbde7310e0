/** A port that a load balancer is to offer, and what became of it. */
export interface BalancedPort {
  readonly port: number;
  readonly protocol: string;
}

export interface OpenedPort extends BalancedPort {
  /** Where clients reach it: `port` itself, or another one where that could not be opened. */
  readonly hostPort: number;
  /** Why not, as a qualified name: `skiff.dev/PortNotPermitted`. */
  readonly error?: string;
}

export interface LoadBalancerRequest {
  /** The Service, as `namespace/name`. */
  readonly service: string;
  /** The address that is wanted: the user's wish, or the one it had before. */
  readonly address?: string;
  readonly ports: readonly BalancedPort[];
}

/** Who can open addresses outside of the cluster for Services of type LoadBalancer. */
export interface LoadBalancerProvider {
  /**
   * Opens an address with these ports and carries what arrives there to the Service. May be repeated, with other ports
   * too: the Service keeps its address unless it wants another. A wanted address that is taken or unusable is not an
   * error, another one is given instead; rejects when none can be opened at all.
   */
  reserve(request: LoadBalancerRequest): Promise<{ address: string; ports: OpenedPort[] }>;
  /** Gives the address back; does nothing for a Service that has none. */
  release(service: string): Promise<void>;
}
