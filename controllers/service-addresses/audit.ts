import { isInRange, parseIpv4Range } from '@skiff/api/ip';
import { formatKey, keyOf } from '@skiff/api/meta';
import type { Service } from '@skiff/api/types';

/** The addresses and ports that Services get. */
export interface ServiceRanges {
  /** In CIDR notation, `10.96.0.0/16`: those of all ServiceCIDRs. */
  readonly clusterIPs: readonly string[];
  readonly nodePorts: { readonly from: number; readonly to: number };
}

/** Something wrong with the addresses of a Service: the reason and message of an Event, in Kubernetes' words. */
export interface AddressProblem {
  readonly service: Service;
  readonly reason: string;
  readonly message: string;
}

/**
 * Looks for addresses and ports that two Services have, or that lie outside of the ranges. Of two Services the older one
 * is in its right. The API server lets none of this happen; a restored backup or an edited database can.
 */
export function auditAddresses(services: readonly Service[], ranges: ServiceRanges): AddressProblem[] {
  const problems: AddressProblem[] = [];
  const ipOwners = new Map<string, Service>();
  const portOwners = new Map<number, Service>();
  const known = ranges.clusterIPs.flatMap((range) => parseIpv4Range(range) ?? []);
  const report = (service: Service, reason: string, message: string): void => {
    problems.push({ service, reason, message: `${message}; please recreate service` });
  };

  for (const service of services.toSorted(olderFirst)) {
    for (const ip of addressesOf(service)) {
      if (!ip.includes(':') && !known.some((range) => isInRange(ip, range)))
        report(service, 'ClusterIPOutOfRange', `Cluster IP ${ip} is not within any configured Service CIDR`);
      if (ipOwners.has(ip))
        report(service, 'ClusterIPAlreadyAllocated', `Cluster IP ${ip} was assigned to multiple services`);
      else ipOwners.set(ip, service);
    }
    const { from, to } = ranges.nodePorts;
    for (const port of nodePortsOf(service)) {
      if (port < from || port > to) {
        report(service, 'PortOutOfRange', `Port ${port} is not within the port range ${from}-${to}`);
      }
      if (portOwners.has(port))
        report(service, 'PortAlreadyAllocated', `Port ${port} was assigned to multiple services`);
      else portOwners.set(port, service);
    }
  }
  return problems;
}

/** Whether the Service should have an address of its own and has none. */
export function lacksAddress({ spec }: Service): boolean {
  return spec?.type !== 'ExternalName' && !spec?.clusterIP;
}

function addressesOf({ spec }: Service): string[] {
  if (spec?.type === 'ExternalName') return [];
  const ips = spec?.clusterIPs ?? (spec?.clusterIP ? [spec.clusterIP] : []);
  return ips.filter((ip) => ip !== 'None');
}

/** A port counts once, though TCP and UDP of one Service can share it. */
function nodePortsOf({ spec }: Service): Set<number> {
  const ports = (spec?.ports ?? []).flatMap(({ nodePort }) => (nodePort ? [nodePort] : []));
  return new Set([...ports, ...(spec?.healthCheckNodePort ? [spec.healthCheckNodePort] : [])]);
}

function olderFirst(a: Service, b: Service): number {
  const key = (service: Service): string => `${service.metadata.creationTimestamp ?? ''} ${formatKey(keyOf(service))}`;
  return key(a) < key(b) ? -1 : 1;
}
