import type { EndpointSlice, Node, Pod, Service } from '@skiff/api/types';
import { isPodFinished, isPodReady } from '../pod-state.ts';

export type Endpoint = NonNullable<EndpointSlice['endpoints']>[number];
export type AddressType = 'IPv4' | 'IPv6';

const zoneLabel = 'topology.kubernetes.io/zone';

/** The zone that a node is in, where that is known. */
export const zoneOf = (node: Node): string | undefined => node.metadata.labels?.[zoneLabel];

/** Whether the Pod belongs into slices at all: it has an address and has not finished; one that is ending does. */
export function hasEndpoint(pod: Pod): boolean {
  return !isPodFinished(pod) && Boolean(pod.status?.podIP || pod.status?.podIPs?.length);
}

/** Whether the Service's name plus the Pod's hostname is a DNS name of the Pod. */
export function hasHostname(pod: Pod, service: Service): boolean {
  return Boolean(pod.spec?.hostname) && pod.spec?.subdomain === service.metadata.name;
}

/** A Pod as the endpoint of a Service. It has no addresses where the Pod has none of this type. */
export function endpointOf(
  pod: Pod,
  service: Service,
  options: { node: Node | undefined; addressType: AddressType },
): Endpoint {
  const serving = isPodReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  // An ending Pod is never ready, so that readers who know only `ready` stop using it; it can still be serving.
  const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating);
  const zone = options.node && zoneOf(options.node);
  const nodeName = pod.spec?.nodeName;
  const hints = ready ? hintsFor(service, { zone, nodeName }) : undefined;
  return {
    addresses: addressesOf(pod, options.addressType),
    conditions: { ready, serving, terminating },
    ...(hasHostname(pod, service) && pod.spec?.hostname && { hostname: pod.spec.hostname }),
    targetRef: {
      kind: 'Pod',
      ...(pod.metadata.namespace && { namespace: pod.metadata.namespace }),
      name: pod.metadata.name,
      ...(pod.metadata.uid && { uid: pod.metadata.uid }),
    },
    ...(nodeName && { nodeName }),
    ...(zone && { zone }),
    ...(hints && { hints }),
  };
}

function addressesOf(pod: Pod, type: AddressType): string[] {
  const all = pod.status?.podIPs?.map(({ ip }) => ip) ?? [];
  if (all.length === 0 && pod.status?.podIP) all.push(pod.status.podIP);
  return all.filter((ip) => addressType(ip) === type);
}

export const addressType = (ip: string): AddressType => (ip.includes(':') ? 'IPv6' : 'IPv4');

/** The address types of the slices that a Service has. */
export function addressTypesOf(service: Service): AddressType[] {
  const families = service.spec?.ipFamilies ?? [];
  if (families.length > 0) return families.filter((family) => family === 'IPv4' || family === 'IPv6');
  const clusterIP = service.spec?.clusterIP;
  return clusterIP && clusterIP !== 'None' ? [addressType(clusterIP)] : ['IPv4', 'IPv6'];
}

/** What `spec.trafficDistribution` asks of clients: to prefer endpoints of their own zone, or node. */
function hintsFor(
  service: Service,
  place: { zone: string | undefined; nodeName: string | undefined },
): Endpoint['hints'] | undefined {
  const wish = service.spec?.trafficDistribution;
  if (wish !== 'PreferClose' && wish !== 'PreferSameZone' && wish !== 'PreferSameNode') return undefined;
  const { zone, nodeName } = place;
  const forNodes = wish === 'PreferSameNode' && nodeName ? [{ name: nodeName }] : undefined;
  if (!zone && !forNodes) return undefined;
  return { ...(zone && { forZones: [{ name: zone }] }), ...(forNodes && { forNodes }) };
}
