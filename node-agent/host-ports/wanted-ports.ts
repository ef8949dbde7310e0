import type { Service } from '@skiff/api/types';
import type { ServicePortEntry, ServiceTable } from '../proxy/proxier.ts';
import type { RelayTarget } from '../relay.ts';
import type { HostPort } from './messages.ts';

/** A port of the host and where its connections go inside. */
export interface WantedPort extends HostPort {
  readonly target: RelayTarget;
}

const HOST = '127.0.0.1';

/**
 * The ports of the host that this node serves: each TCP node port on 127.0.0.1, and each TCP port of a load balancer on its loopback
 * addresses. Of Services with the external policy Local, only while the node has endpoints of its own.
 */
export function wantedPorts(world: {
  services: readonly Service[];
  table: ServiceTable;
  nodeIP: string;
}): WantedPort[] {
  const entries = Map.groupBy(world.table.services, ({ name }) => name.split(':')[0] ?? name);
  const found = new Map<string, WantedPort>();
  for (const { metadata, status } of world.services)
    for (const entry of entries.get(`${metadata.namespace}/${metadata.name}`) ?? []) {
      if (entry.protocol !== 'TCP') continue;
      if (entry.externalTrafficPolicy === 'Local' && entry.externalEndpoints.length === 0) continue;
      const target = targetOf(entry, world.nodeIP);
      const ingress = status?.loadBalancer?.ingress ?? [];
      const balanced = ingress.flatMap(({ ip }) => (ip?.startsWith('127.') === true ? [ip] : []));
      const ports = balanced.map((address) => ({ address, port: entry.port, target }));
      if (entry.nodePort !== undefined) ports.unshift({ address: HOST, port: entry.nodePort, target });
      for (const port of ports) found.set(`${port.address}:${port.port}`, port);
    }
  return [...found.values()];
}

function targetOf(entry: ServicePortEntry, nodeIP: string): RelayTarget {
  return entry.nodePort === undefined
    ? { host: entry.clusterIP, port: entry.port }
    : { host: nodeIP, port: entry.nodePort };
}
