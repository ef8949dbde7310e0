import type { Node, Service } from '@skiff/api/types';
import type { ServicePortEntry, ServiceTable } from '../proxy/proxier.ts';
import type { RelayTarget } from '../relay.ts';
import { isBalanced } from './balanced-node.ts';
import type { HostPortWish } from './messages.ts';

/** A port of the host and where its connections go inside. */
export interface WantedPort extends HostPortWish {
  readonly target: RelayTarget;
  /** The ranges of addresses whose clients are taken; absent: all. */
  readonly sourceRanges?: readonly string[];
}

/** With the Service that it is for. */
export interface ServiceHostPort extends WantedPort {
  readonly service: Service;
}

export interface HostPortWorld {
  readonly services: readonly Service[];
  readonly table: ServiceTable;
  readonly node: Node | undefined;
  readonly nodeIP: string;
  /** An address of the node that stands for clients of the host. */
  readonly hostAddress?: string | undefined;
}

const HOST = '127.0.0.1';

/**
 * The ports of the host that this node serves: each node port on 127.0.0.1, and each port of a load balancer on its loopback addresses.
 * Only while there are endpoints, so that the host refuses at once without; of Services with the external policy Local, endpoints of
 * this node's own. A load balancer leaves a node out that is not fit for it or, under the policy Local, where its health check would
 * fail: no polling is needed for that, as this node answers that check itself (health-check-servers.ts).
 */
export function wantedPorts(world: HostPortWorld): ServiceHostPort[] {
  const entries = Map.groupBy(world.table.services, ({ name }) => name.split(':')[0] ?? name);
  const found = new Map<string, ServiceHostPort>();
  const isFit = isBalanced(world.node);
  for (const service of world.services)
    for (const entry of entries.get(`${service.metadata.namespace}/${service.metadata.name}`) ?? []) {
      if (entry.externalEndpoints.length === 0) continue;
      const { protocol, sourceRanges } = entry;
      const alone = protocol === 'UDP' || entry.affinitySeconds !== undefined;
      const common = { protocol, ...(alone && { alone }), target: targetOf(entry, world), service };
      const isHealthy = isFit && (entry.externalTrafficPolicy === 'Cluster' || entry.localEndpoints > 0);
      const ingress = isHealthy ? (service.status?.loadBalancer?.ingress ?? []) : [];
      const balanced = ingress.flatMap(({ ip }) => (ip?.startsWith('127.') === true ? [ip] : []));
      const ports = balanced.map(
        (address): ServiceHostPort => ({ ...common, address, port: entry.port, ...(sourceRanges && { sourceRanges }) }),
      );
      if (entry.nodePort !== undefined) ports.unshift({ ...common, address: HOST, port: entry.nodePort });
      for (const port of ports) found.set(`${protocol} ${port.address}:${port.port}`, port);
    }
  return [...found.values()];
}

/** Under the policy Local the client's address is kept: as far as that goes, as that of the host. */
function targetOf(entry: ServicePortEntry, { nodeIP, hostAddress }: HostPortWorld): RelayTarget {
  if (entry.nodePort === undefined) return { host: entry.clusterIP, port: entry.port };
  const keepsAddress = entry.externalTrafficPolicy === 'Local' && hostAddress !== undefined;
  return { host: nodeIP, port: entry.nodePort, ...(keepsAddress && { from: hostAddress }) };
}
