/**
 * What can carry Services on one node. Two implementations: nftables.ts and userspace.ts.
 * Contract suite: contract.ts beside this file, with real sockets in network namespaces of its own.
 */
export interface Proxier {
  /** `nftables` or `userspace`. */
  readonly mode: string;
  /** Gets the whole desired table, programs only what differs from the last one, and resolves when new connections follow it. */
  apply(table: ServiceTable): Promise<void>;
  /** What is really programmed, for metrics and for diagnosis. */
  observe(): Promise<ProgrammedServices>;
  /** Removes every rule, listener and address that it made. */
  close(): Promise<void>;
}

/** Everything that one node must know about Services. Built by service-table.ts from Services and EndpointSlices. */
export interface ServiceTable {
  readonly services: readonly ServicePortEntry[];
}

/** One port of one Service. */
export interface ServicePortEntry {
  /** `namespace/service:port`, or `namespace/service` for an unnamed port. Unique in a table. */
  readonly name: string;
  readonly protocol: 'TCP' | 'UDP';
  readonly clusterIP: string;
  readonly port: number;
  /** Absent where the Service has none. */
  readonly nodePort?: number;
  /** The Service's own `externalIPs`. */
  readonly externalIPs: readonly string[];
  /** Load-balancer addresses that this node must answer for, but only for clients of {@link sourceRanges}. */
  readonly balancerIPs: readonly string[];
  /** The ranges of addresses, `192.0.2.0/24`, whose clients the load balancer takes; absent where it takes all. */
  readonly sourceRanges?: readonly string[];
  /** For clients of the cluster IP, after `internalTrafficPolicy`, readiness and hints were taken into account. */
  readonly endpoints: readonly EndpointAddress[];
  /** For clients of the node port and external addresses, after `externalTrafficPolicy` was taken into account. */
  readonly externalEndpoints: readonly EndpointAddress[];
  /** `Local` keeps the client's address and drops where this node has no endpoint; `Cluster` masquerades. */
  readonly externalTrafficPolicy: 'Cluster' | 'Local';
  /** Other nodes have endpoints: what a `Local` policy leaves without one here is dropped, not refused. */
  readonly endpointsElsewhere?: boolean;
  /** Seconds that a client stays with its endpoint; absent without affinity. */
  readonly affinitySeconds?: number;
  /** Answers `GET /healthz` on this port of the node with 200 or 503 by `localEndpoints`. */
  readonly healthCheckNodePort?: number;
  /** Ready endpoints on this node, of the whole Service. */
  readonly localEndpoints: number;
}

export interface EndpointAddress {
  readonly ip: string;
  readonly port: number;
  /** Whether it runs on this node. */
  readonly local: boolean;
}

export interface ProgrammedServices {
  readonly mode: string;
  readonly services: readonly {
    readonly name: string;
    readonly clusterIP: string;
    readonly port: number;
    readonly protocol: string;
    readonly endpoints: readonly string[];
  }[];
}
