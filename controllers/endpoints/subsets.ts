import type { Endpoints, Pod, Service } from '@skiff/api/types';
import { addressType, hasEndpoint, hasHostname } from '../endpointslice/endpoint.ts';
import { fnv1a128 } from '../endpointslice/fnv.ts';
import { targetPort } from '../endpointslice/ports.ts';
import { isPodReady } from '../pod-state.ts';

export type Subset = NonNullable<Endpoints['subsets']>[number];
type Address = NonNullable<Subset['addresses']>[number];
type Port = NonNullable<Subset['ports']>[number];

interface Offer {
  readonly address: Address;
  readonly ready: boolean;
  readonly ports: readonly Port[];
}

/**
 * The subsets of a Service's Endpoints: ports that the same Pods offer stand together, in Kubernetes' order. Ending Pods are left out, but for Services that publish what isn't ready.
 */
export function subsetsOf(service: Service, pods: readonly Pod[]): Subset[] {
  const publishAll = service.spec?.publishNotReadyAddresses === true;
  const offers = pods
    .filter((pod) => hasEndpoint(pod) && (publishAll || pod.metadata.deletionTimestamp === undefined))
    .map((pod) => offerOf(pod, service))
    .filter((offer) => offer !== undefined)
    .sort((a, b) => compare(a.address.ip, b.address.ip) || compare(a.address.targetRef?.uid, b.address.targetRef?.uid));
  if (!service.spec?.ports?.length) return offers.length > 0 ? [subset(offers, [])] : [];

  const byPort = new Map<string, { port: Port; offers: Offer[] }>();
  for (const offer of offers) {
    for (const port of offer.ports) {
      const key = goText(port);
      const entry = byPort.get(key) ?? { port, offers: [] };
      entry.offers.push(offer);
      byPort.set(key, entry);
    }
  }
  const inOrder = [...byPort].map(([text, entry]) => ({ ...entry, hash: fnv1a128(text) })).sort(byHash);
  const withSameAddresses = Map.groupBy(inOrder, (entry) =>
    entry.offers.map(({ address }) => address.targetRef?.uid).join(),
  );
  return [...withSameAddresses.values()].map((group) =>
    subset(
      group[0]?.offers ?? [],
      group.map(({ port }) => port),
    ),
  );
}

function subset(offers: readonly Offer[], ports: Port[]): Subset {
  const ready = offers.filter((offer) => offer.ready).map(({ address }) => address);
  const notReady = offers.filter((offer) => !offer.ready).map(({ address }) => address);
  return {
    ...(ready.length > 0 && { addresses: ready }),
    ...(notReady.length > 0 && { notReadyAddresses: notReady }),
    ...(ports.length > 0 && { ports }),
  };
}

const byHash = (a: { hash: bigint }, b: { hash: bigint }): number => (a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0);

function offerOf(pod: Pod, service: Service): Offer | undefined {
  const family = service.spec?.ipFamilies?.[0] ?? 'IPv4';
  const addresses = pod.status?.podIPs?.map(({ ip }) => ip) ?? [pod.status?.podIP ?? ''];
  const ip = addresses.find((candidate) => candidate !== '' && addressType(candidate) === family);
  if (!ip) return undefined;
  const servicePorts = service.spec?.ports ?? [];
  const ports = portsOf(pod, service);
  // A Service without ports publishes addresses alone; one whose ports the Pod doesn't have publishes nothing of it.
  if (ports.length === 0 && servicePorts.length > 0) return undefined;
  const { name, namespace, uid } = pod.metadata;
  const { nodeName, hostname } = pod.spec ?? {};
  const address: Address = {
    ip,
    ...(hostname && hasHostname(pod, service) && { hostname }),
    ...(nodeName && { nodeName }),
    targetRef: { kind: 'Pod', ...(namespace && { namespace }), name, ...(uid && { uid }) },
  };
  return { address, ports, ready: service.spec?.publishNotReadyAddresses === true || isPodReady(pod) };
}

function portsOf(pod: Pod, service: Service): Port[] {
  const ports: Port[] = [];
  for (const servicePort of service.spec?.ports ?? []) {
    const number = targetPort(servicePort, pod);
    if (number === undefined) continue;
    const { name, protocol = 'TCP', appProtocol } = servicePort;
    ports.push({ ...(name && { name }), port: number, protocol, ...(appProtocol && { appProtocol }) });
  }
  return ports;
}

const goText = ({ name = '', port, protocol, appProtocol }: Port): string =>
  `(v1.EndpointPort){Name:(string)${name} Port:(int32)${port} Protocol:(v1.Protocol)${protocol} ` +
  `AppProtocol:(*string)${appProtocol ?? '<nil>'}}`;

const compare = (a = '', b = ''): number => (a < b ? -1 : a > b ? 1 : 0);
