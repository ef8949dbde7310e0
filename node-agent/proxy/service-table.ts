import type { EndpointSlice, Service } from '@skiff/api/types';
import { candidatesOf, nearest, type Place, usable } from './candidates.ts';
import type { ServicePortEntry, ServiceTable } from './proxier.ts';

/** The world as it is, and the node that the table is for. */
export interface ServiceTableInput extends Place {
  readonly services: Iterable<Service>;
  readonly endpointSlices: Iterable<EndpointSlice>;
}

type Port = NonNullable<NonNullable<Service['spec']>['ports']>[number];

const DEFAULT_AFFINITY_SECONDS = 10_800;
const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
const PROXY_NAME_LABEL = 'service.kubernetes.io/service-proxy-name';

interface Remembered {
  readonly service: Service;
  readonly slices: readonly EndpointSlice[];
  readonly zone: string | undefined;
  readonly entries: readonly ServicePortEntry[];
}

/**
 * What Services came to the last time, by `namespace/name`. One that is the same object as then, with the same slices, is not worked out again
 * and gives the same entries: with 1,000 Services that is what a change of one costs.
 */
export type TableMemory = Map<string, Remembered>;

/** Works out what one node must do for the Services of the cluster, by the rules of kube-proxy. Sorted by name. */
export function serviceTable(input: ServiceTableInput, memory: TableMemory = new Map()): ServiceTable {
  const slices = Map.groupBy(
    [...input.endpointSlices].filter((slice) => slice.addressType === 'IPv4'),
    (slice) => `${slice.metadata.namespace}/${slice.metadata.labels?.[SERVICE_NAME_LABEL]}`,
  );
  const { nodeName, zone } = input;
  const before = new Map(memory);
  memory.clear();
  const services = [...input.services]
    .filter(isProxied)
    .flatMap((service) => {
      const key = `${service.metadata.namespace}/${service.metadata.name}`;
      const own = slices.get(key) ?? [];
      const known = before.get(key);
      const isSame = known?.service === service && known.zone === zone && sameItems(known.slices, own);
      const entries = isSame
        ? known.entries
        : (service.spec?.ports ?? []).flatMap((port) => entry(service, port, { slices: own, nodeName, zone }));
      memory.set(key, { service, slices: own, zone, entries });
      return entries;
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return { services };
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
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

function entry(service: Service, port: Port, around: Place & { slices: readonly EndpointSlice[] }): ServicePortEntry[] {
  const protocol = port.protocol ?? 'TCP';
  const { spec } = service;
  if (spec?.clusterIP === undefined || (protocol !== 'TCP' && protocol !== 'UDP')) return [];

  const candidates = candidatesOf(port, around);
  const everywhere = usable(nearest(candidates, around));
  const here = usable(candidates.filter(({ address }) => address.local));
  const internal = spec.internalTrafficPolicy === 'Local' ? here : everywhere;
  const externalTrafficPolicy = spec.externalTrafficPolicy === 'Local' ? 'Local' : 'Cluster';
  const external = externalTrafficPolicy === 'Local' ? here : everywhere;
  const affinity =
    spec.sessionAffinity === 'ClientIP'
      ? { affinitySeconds: spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? DEFAULT_AFFINITY_SECONDS }
      : {};
  const ranges = sourceRanges(service);
  const name = `${service.metadata.namespace}/${service.metadata.name}`;
  return [
    {
      name: port.name === undefined || port.name === '' ? name : `${name}:${port.name}`,
      protocol,
      clusterIP: spec.clusterIP,
      port: port.port,
      ...(port.nodePort === undefined || port.nodePort === 0 ? {} : { nodePort: port.nodePort }),
      externalIPs: spec.externalIPs ?? [],
      balancerIPs: balancerIPs(service),
      ...(ranges && { sourceRanges: ranges }),
      endpoints: internal,
      externalEndpoints: external,
      externalTrafficPolicy,
      ...(usable(candidates).length > here.length ? { endpointsElsewhere: true } : {}),
      ...affinity,
      ...(spec.healthCheckNodePort === undefined || spec.healthCheckNodePort === 0
        ? {}
        : { healthCheckNodePort: spec.healthCheckNodePort }),
      localEndpoints: candidates.filter(({ address, ready }) => ready && address.local).length,
    },
  ];
}

/** Addresses of load balancers that nodes answer for. One with `ipMode: Proxy` sends to node ports instead. */
function balancerIPs({ spec, status }: Service): string[] {
  const ingress = status?.loadBalancer?.ingress ?? [];
  const own = ingress.flatMap(({ ip, ipMode }) => (ip === undefined || ipMode === 'Proxy' ? [] : [ip]));
  return own.filter((ip) => spec?.externalIPs?.includes(ip) !== true);
}

/** The ranges of IPv4 that may use the load balancer; undefined where everybody may. */
function sourceRanges({ metadata, spec }: Service): readonly string[] | undefined {
  const inAnnotation = metadata.annotations?.['service.beta.kubernetes.io/load-balancer-source-ranges'];
  const ranges = spec?.loadBalancerSourceRanges ?? inAnnotation?.split(',') ?? [];
  const wanted = ranges.map((range) => range.trim()).filter((range) => range !== '');
  if (wanted.length === 0 || wanted.includes('0.0.0.0/0')) return undefined;
  return wanted.filter((range) => !range.includes(':'));
}
