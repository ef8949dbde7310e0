import type { EndpointAddress, ServicePortEntry } from './proxier.ts';

export const TABLE = 'ip skiff-services';

/** What the rules must know about the node. */
export interface NodeAddresses {
  /** Node ports are answered on this address. */
  readonly nodeIP: string;
  /** The node's own Pods. */
  readonly podCIDR: string;
  /** The Pods of all nodes: they are answered without masquerading, so that a Pod sees who calls it. */
  readonly clusterCIDR: string;
  /** An address of this node that stands for clients on the host: it counts as one from outside. */
  readonly hostAddress?: string | undefined;
}

/** Packets with this bit get the node's address as their source on the way out. */
const MASQUERADE = '0x4000';
const markForMasquerade = `meta mark set meta mark | ${MASQUERADE}`;

/** The maps and hooks that the Services are entered into. A Service's packet meets: services, its own chain, masquerading. */
export function baseRules(node: NodeAddresses): string {
  return `add table ${TABLE}
delete table ${TABLE}
table ${TABLE} {
  map service-ips { type ipv4_addr . inet_proto . inet_service : verdict; }
  map node-ports { type inet_proto . inet_service : verdict; }
  set cluster-ips { type ipv4_addr; }
  set refused { type ipv4_addr . inet_proto . inet_service; }
  set hairpin { type ipv4_addr . ipv4_addr; }
  chain services {
    ip daddr . meta l4proto . th dport vmap @service-ips
    ip daddr ${node.nodeIP} meta l4proto . th dport vmap @node-ports
  }
  chain nat-prerouting { type nat hook prerouting priority -100; jump services; }
  chain nat-output { type nat hook output priority -100; jump services; }
  chain masquerading {
    type nat hook postrouting priority 100;
    meta mark & ${MASQUERADE} == ${MASQUERADE} meta mark set meta mark ^ ${MASQUERADE} masquerade fully-random
    ct status dnat ip saddr . ip daddr @hairpin masquerade fully-random
  }
  chain refuse { meta l4proto tcp reject with tcp reset; reject; }
  chain unserved {
    ip daddr @cluster-ips goto refuse
    ip daddr . meta l4proto . th dport @refused goto refuse
  }
  chain filter-prerouting { type filter hook prerouting priority -90; jump unserved; }
  chain filter-output { type filter hook output priority -90; jump unserved; }
}
`;
}

/** Everything in the table that belongs to one port of one Service. */
export interface ServiceRules {
  /** Rules by chain. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
  /** Definitions of sets by name; a name never changes its definition. */
  readonly sets: ReadonlyMap<string, string>;
  /** Elements as `map { key`, each with its value, `: verdict`, or an empty one. */
  readonly elements: ReadonlyMap<string, string>;
}

/** Elements that several Services may want at once. */
export function sharedElements(services: readonly ServicePortEntry[]): Set<string> {
  const elements = new Set<string>();
  for (const { clusterIP, endpoints, externalEndpoints } of services) {
    elements.add(`cluster-ips { ${clusterIP}`);
    // Only a Pod of this node can reach itself by way of these rules.
    for (const { ip, local } of [...endpoints, ...externalEndpoints])
      if (local) elements.add(`hairpin { ${ip} . ${ip}`);
  }
  return elements;
}

/** The rules of one port of one Service. Without any endpoint it has none, and its cluster IP is refused by `cluster-ips`. */
export function serviceRules(entry: ServicePortEntry, node: NodeAddresses): ServiceRules {
  const chains = new Map<string, readonly string[]>();
  const sets = new Map<string, string>();
  const elements = new Map<string, string>();
  const id = entry.name.replace(':', '/');
  const protocol = entry.protocol.toLowerCase();
  const internal = `service-${id}`;
  const external = `external-${id}`;
  const endpointRules = (endpoints: readonly EndpointAddress[]) => toEndpoints(endpoints, { entry, id, chains, sets });

  const served = entry.endpoints.length > 0 || entry.externalEndpoints.length > 0 || entry.endpointsElsewhere === true;
  const externalKeys = entry.externalIPs.map((ip) => `service-ips { ${ip} . ${protocol} . ${entry.port}`);
  const balancerKeys = entry.balancerIPs.map((ip) => `service-ips { ${ip} . ${protocol} . ${entry.port}`);
  if (!served) {
    for (const ip of [...entry.externalIPs, ...entry.balancerIPs])
      elements.set(`refused { ${ip} . ${protocol} . ${entry.port}`, '');
    return { chains, sets, elements };
  }

  elements.set(`service-ips { ${entry.clusterIP} . ${protocol} . ${entry.port}`, `: goto ${internal}`);
  chains.set(internal, [`ip saddr != ${node.clusterCIDR} ${markForMasquerade}`, ...endpointRules(entry.endpoints)]);

  if (entry.nodePort !== undefined) externalKeys.push(`node-ports { ${protocol} . ${entry.nodePort}`);
  const isNotHost = node.hostAddress === undefined ? '' : `ip saddr != ${node.hostAddress} `;
  const guarded = entry.sourceRanges === undefined ? external : `balancer-${id}`;
  for (const key of externalKeys) elements.set(key, `: goto ${external}`);
  for (const key of balancerKeys) elements.set(key, `: goto ${guarded}`);
  if (balancerKeys.length > 0 && entry.sourceRanges !== undefined)
    // A rule each: the ranges may overlap, which a set would refuse.
    chains.set(guarded, [...entry.sourceRanges.map((range) => `ip saddr ${range} goto ${external}`), 'drop']);
  if (externalKeys.length + balancerKeys.length > 0)
    chains.set(
      external,
      entry.externalTrafficPolicy === 'Cluster'
        ? [markForMasquerade, ...endpointRules(entry.externalEndpoints)]
        : [
            // From this node itself every endpoint will do: nothing is gained by keeping an address that is the node's own.
            `ip saddr ${node.podCIDR} goto ${internal}`,
            `${isNotHost}fib saddr type local goto ${internal}`,
            ...endpointRules(entry.externalEndpoints),
          ],
    );
  return { chains, sets, elements };
}

/** One rule where any endpoint will do; with affinity a chain per endpoint, which remembers its clients in a set. */
function toEndpoints(
  endpoints: readonly EndpointAddress[],
  into: {
    entry: ServicePortEntry;
    id: string;
    chains: Map<string, readonly string[]>;
    sets: Map<string, string>;
  },
): string[] {
  const { entry, id, chains, sets } = into;
  const protocol = entry.protocol.toLowerCase();
  const [first] = endpoints;
  if (first === undefined) return ['drop'];
  if (entry.affinitySeconds === undefined) {
    if (endpoints.length === 1) return [`meta l4proto ${protocol} dnat ip to ${first.ip}:${first.port}`];
    const choices = endpoints.map(({ ip, port }, index) => `${index} : ${ip} . ${port}`).join(', ');
    return [`meta l4proto ${protocol} dnat ip to numgen random mod ${endpoints.length} map { ${choices} }`];
  }
  const named = endpoints.map((endpoint) => {
    const name = `${id}/${endpoint.ip}/${endpoint.port}`;
    const clients = `clients-${name}/${entry.affinitySeconds}`;
    sets.set(clients, `{ type ipv4_addr; flags dynamic,timeout; timeout ${entry.affinitySeconds}s; }`);
    chains.set(`endpoint-${name}`, [
      `update @${clients} { ip saddr }`,
      `meta l4proto ${protocol} dnat ip to ${endpoint.ip}:${endpoint.port}`,
    ]);
    return { clients, chain: `endpoint-${name}` };
  });
  const choices = named.map(({ chain }, index) => `${index} : goto ${chain}`).join(', ');
  return [
    ...named.map(({ clients, chain }) => `ip saddr @${clients} goto ${chain}`),
    `numgen random mod ${named.length} vmap { ${choices} }`,
  ];
}
