import type { Node, Service } from '@skiff/api/types';
import { endpointTargets } from '../proxy/endpoint-targets.ts';
import type { EndpointAddress, ServicePortEntry, ServiceTable } from '../proxy/proxier.ts';
import { type ServiceChoice, stillServes, type Way } from '../proxy/service-choice.ts';
import type { RelayTarget } from '../relay.ts';
import { isBalanced } from './balanced-node.ts';
import type { HostPortWish } from './messages.ts';

/** Targets that are chosen for each client. */
export interface TargetChoice {
  /** Who to try, one after the other. */
  readonly targets: (client: string) => () => RelayTarget | undefined;
  /** Whether one that was chosen before may go on being used. */
  readonly stillServes: (target: RelayTarget) => boolean;
}

/** A port of the host and where its connections go inside. */
export interface WantedPort extends HostPortWish {
  readonly target: RelayTarget | TargetChoice;
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
  /** On the host's network: who answers, as nothing else chooses there. */
  readonly onHost?: ServiceChoice | undefined;
}

const HOST = '127.0.0.1';

/**
 * The ports of the host that this node serves: each node port on 127.0.0.1, and each port of a load balancer on its loopback addresses.
 * Only while there are endpoints, so that the host refuses at once without; of Services with the external policy Local, endpoints of
 * this node's own. A load balancer leaves a node out that is not fit for it or, under the policy Local, where its health check would
 * fail: no polling is needed for that, as this node answers that check itself (health-check-servers.ts).
 * On the host's network, where nothing is inside, also each port of a cluster IP.
 */
export function wantedPorts(world: HostPortWorld): ServiceHostPort[] {
  const entries = Map.groupBy(world.table.services, ({ name }) => name.split(':')[0] ?? name);
  const found = new Map<string, ServiceHostPort>();
  const isFit = isBalanced(world.node);
  for (const service of world.services)
    for (const entry of entries.get(`${service.metadata.namespace}/${service.metadata.name}`) ?? []) {
      const { protocol, sourceRanges, clusterIP } = entry;
      const alone = protocol === 'UDP' || entry.affinitySeconds !== undefined;
      const all = { protocol, ...(alone && { alone }), service };
      const add = (port: ServiceHostPort): unknown => found.set(`${protocol} ${port.address}:${port.port}`, port);
      if (world.onHost && entry.endpoints.length > 0)
        add({ ...all, address: clusterIP, port: entry.port, target: choiceOf(entry, world.onHost, 'internal') });
      if (entry.externalEndpoints.length === 0) continue;
      const target = world.onHost ? choiceOf(entry, world.onHost, 'external') : targetOf(entry, world);
      const common = { ...all, target };
      const isHealthy = isFit && (entry.externalTrafficPolicy === 'Cluster' || entry.localEndpoints > 0);
      const ingress = isHealthy ? (service.status?.loadBalancer?.ingress ?? []) : [];
      const balanced = ingress.flatMap(({ ip }) => (ip?.startsWith('127.') === true ? [ip] : []));
      if (entry.nodePort !== undefined) add({ ...common, address: HOST, port: entry.nodePort });
      for (const address of balanced)
        add({ ...common, address, port: entry.port, ...(sourceRanges && { sourceRanges }) });
    }
  return [...found.values()];
}

/** Under the policy Local the client's address is kept: as far as that goes, as that of the host. */
function targetOf(entry: ServicePortEntry, { nodeIP, hostAddress }: HostPortWorld): RelayTarget {
  if (entry.nodePort === undefined) return { host: entry.clusterIP, port: entry.port };
  const keepsAddress = entry.externalTrafficPolicy === 'Local' && hostAddress !== undefined;
  return { host: nodeIP, port: entry.nodePort, ...(keepsAddress && { from: hostAddress }) };
}

function choiceOf(entry: ServicePortEntry, choice: ServiceChoice, way: Way): TargetChoice {
  const endpointFor = (address: string, refused?: ReadonlySet<EndpointAddress>): EndpointAddress | undefined =>
    choice.choose(entry, { address, way, refused });
  return {
    targets: (client) => endpointTargets({ endpointFor, keepsClient: true }, client),
    stillServes: ({ host, port }) => stillServes(entry, { ip: host, port }),
  };
}
