import type { EndpointSlice, Service } from '@skiff/api/types';
import type { EndpointAddress, ServicePortEntry, ServiceTable } from './proxier.ts';

export interface ServiceTableInput {
  readonly services: Iterable<Service>;
  readonly endpointSlices: Iterable<EndpointSlice>;
  /** The node that the table is for. */
  readonly nodeName: string;
}

type Port = NonNullable<NonNullable<Service['spec']>['ports']>[number];
type Endpoint = NonNullable<EndpointSlice['endpoints']>[number];

const DEFAULT_AFFINITY_SECONDS = 10_800;
const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
const PROXY_NAME_LABEL = 'service.kubernetes.io/service-proxy-name';

/** Works out what one node must do for the Services of the cluster, by the rules of kube-proxy. Sorted by name. */
export function serviceTable(input: ServiceTableInput): ServiceTable {
  const slices = Map.groupBy(
    [...input.endpointSlices].filter((slice) => slice.addressType === 'IPv4'),
    (slice) => `${slice.metadata.namespace}/${slice.metadata.labels?.[SERVICE_NAME_LABEL]}`,
  );
  const services = [...input.services]
    .filter(isProxied)
    .flatMap((service) => {
      const own = slices.get(`${service.metadata.namespace}/${service.metadata.name}`) ?? [];
      return (service.spec?.ports ?? []).flatMap((port) =>
        entry(service, port, { slices: own, nodeName: input.nodeName }),
      );
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return { services };
}

/** Without a cluster IP (headless, ExternalName) there is nothing to proxy. */
function isProxied(service: Service): boolean {
  const { type, clusterIP } = service.spec ?? {};
  return (
    type !== 'ExternalName' &&
    clusterIP !== undefined &&
    clusterIP !== '' &&
    clusterIP !== 'None' &&
    service.metadata.labels?.[PROXY_NAME_LABEL] === undefined
  );
}

function entry(
  service: Service,
  port: Port,
  around: { slices: readonly EndpointSlice[]; nodeName: string },
): ServicePortEntry[] {
  const protocol = port.protocol ?? 'TCP';
  const { spec } = service;
  if (spec?.clusterIP === undefined || (protocol !== 'TCP' && protocol !== 'UDP')) return [];

  const candidates = candidatesOf(port, around);
  const everywhere = usable(candidates);
  const here = usable(candidates.filter(({ address }) => address.local));
  const internal = spec.internalTrafficPolicy === 'Local' ? here : everywhere;
  const externalTrafficPolicy = spec.externalTrafficPolicy === 'Local' ? 'Local' : 'Cluster';
  const external = externalTrafficPolicy === 'Local' ? here : everywhere;
  const affinity =
    spec.sessionAffinity === 'ClientIP'
      ? { affinitySeconds: spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? DEFAULT_AFFINITY_SECONDS }
      : {};
  const name = `${service.metadata.namespace}/${service.metadata.name}`;
  return [
    {
      name: port.name === undefined || port.name === '' ? name : `${name}:${port.name}`,
      protocol,
      clusterIP: spec.clusterIP,
      port: port.port,
      ...(port.nodePort === undefined || port.nodePort === 0 ? {} : { nodePort: port.nodePort }),
      externalIPs: externalIPs(service),
      endpoints: internal,
      externalEndpoints: external,
      externalTrafficPolicy,
      ...(everywhere.length > here.length ? { endpointsElsewhere: true } : {}),
      ...affinity,
      ...(spec.healthCheckNodePort === undefined || spec.healthCheckNodePort === 0
        ? {}
        : { healthCheckNodePort: spec.healthCheckNodePort }),
      localEndpoints: candidates.filter(({ address, ready }) => ready && address.local).length,
    },
  ];
}

/** Addresses outside the cluster that nodes answer for. A load balancer with `ipMode: Proxy` sends to node ports instead. */
function externalIPs(service: Service): string[] {
  const ingress = service.status?.loadBalancer?.ingress ?? [];
  const balanced = ingress.flatMap(({ ip, ipMode }) => (ip === undefined || ipMode === 'Proxy' ? [] : [ip]));
  return [...new Set([...(service.spec?.externalIPs ?? []), ...balanced])];
}

interface Candidate {
  readonly address: EndpointAddress;
  readonly ready: boolean;
  /** Of use while nothing is ready: it still answers, on its way out. */
  readonly servingTerminating: boolean;
}

/** Every endpoint of the port with an address. An endpoint in two slices counts once, as the better of both. */
function candidatesOf(port: Port, around: { slices: readonly EndpointSlice[]; nodeName: string }): Candidate[] {
  const found = new Map<string, Candidate>();
  for (const slice of around.slices) {
    const target = slice.ports?.find(
      ({ name, protocol }) => (name ?? '') === (port.name ?? '') && (protocol ?? 'TCP') === (port.protocol ?? 'TCP'),
    );
    if (target?.port === undefined) continue;
    for (const endpoint of slice.endpoints ?? []) {
      const ip = endpoint.addresses[0];
      if (ip === undefined) continue;
      const address = { ip, port: target.port, local: endpoint.nodeName === around.nodeName };
      const candidate = { address, ...conditions(endpoint) };
      const key = `${ip}:${target.port}`;
      if (found.get(key)?.ready !== true) found.set(key, candidate);
    }
  }
  return [...found.values()].sort((a, b) => compare(a.address, b.address));
}

/** A missing `ready` or `serving` means yes, as the API says. */
function conditions({ conditions }: Endpoint): { ready: boolean; servingTerminating: boolean } {
  const ready = conditions?.ready ?? true;
  return { ready, servingTerminating: (conditions?.serving ?? ready) && conditions?.terminating === true };
}

/** The ready ones; where there are none, those that still serve while they terminate. */
function usable(candidates: readonly Candidate[]): EndpointAddress[] {
  const ready = candidates.filter(({ ready }) => ready);
  const chosen = ready.length > 0 ? ready : candidates.filter(({ servingTerminating }) => servingTerminating);
  return chosen.map(({ address }) => address);
}

function compare(a: EndpointAddress, b: EndpointAddress): number {
  if (a.ip !== b.ip) return a.ip < b.ip ? -1 : 1;
  return a.port - b.port;
}
