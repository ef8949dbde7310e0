import type { EndpointSlice, Service } from '@skiff/api/types';
import type { Describer } from './describer.ts';
import { Lines, labelText } from './lines.ts';

export const describeService: Describer<Service> = async (service, { session, events }) => {
  const { metadata, spec, status } = service;
  const lines = new Lines()
    .add(`Name:\t${metadata.name}`)
    .add(`Namespace:\t${metadata.namespace ?? ''}`)
    .labels('Labels', metadata.labels)
    .annotations(metadata.annotations)
    .add(`Selector:\t${labelText(spec?.selector)}`)
    .add(`Type:\t${spec?.type ?? ''}`);
  if (spec?.ipFamilyPolicy) lines.add(`IP Family Policy:\t${spec.ipFamilyPolicy}`);
  lines.add(`IP Families:\t${spec?.ipFamilies?.join(',') || '<none>'}`);
  lines.add(`IP:\t${spec?.clusterIP ?? ''}`);
  lines.add(`IPs:\t${spec?.clusterIPs?.join(',') || '<none>'}`);
  if (spec?.externalIPs?.length) lines.add(`External IPs:\t${spec.externalIPs.join(',')}`);
  if (spec?.loadBalancerIP) lines.add(`Desired LoadBalancer IP:\t${spec.loadBalancerIP}`);
  if (spec?.externalName) lines.add(`External Name:\t${spec.externalName}`);
  const ingress = status?.loadBalancer?.ingress ?? [];
  if (ingress.length > 0) {
    const texts = ingress.map(({ ip, hostname, ipMode }) =>
      ip ? `${ip}${ipMode ? ` (${ipMode})` : ''}` : (hostname ?? ''),
    );
    lines.add(`LoadBalancer Ingress:\t${texts.join(', ')}`);
  }
  const { items: slices } = await session.client.resource('EndpointSlice').list({
    namespace: metadata.namespace,
    labelSelector: `kubernetes.io/service-name=${metadata.name}`,
    signal: session.signal,
  });
  for (const port of spec?.ports ?? []) {
    const name = port.name || '<unset>';
    lines.add(`Port:\t${name}\t${port.port}/${port.protocol ?? 'TCP'}`);
    lines.add(`TargetPort:\t${port.targetPort ?? port.port}/${port.protocol ?? 'TCP'}`);
    if (port.nodePort) lines.add(`NodePort:\t${name}\t${port.nodePort}/${port.protocol ?? 'TCP'}`);
    lines.add(`Endpoints:\t${endpointText(slices, port.name ?? '')}`);
  }
  lines.add(`Session Affinity:\t${spec?.sessionAffinity ?? ''}`);
  if (spec?.externalTrafficPolicy) lines.add(`External Traffic Policy:\t${spec.externalTrafficPolicy}`);
  if (spec?.internalTrafficPolicy) lines.add(`Internal Traffic Policy:\t${spec.internalTrafficPolicy}`);
  if (spec?.healthCheckNodePort) lines.add(`HealthCheck NodePort:\t${spec.healthCheckNodePort}`);
  if (spec?.trafficDistribution) lines.add(`Traffic Distribution:\t${spec.trafficDistribution}`);
  if (spec?.loadBalancerSourceRanges?.length)
    lines.add(`LoadBalancer Source Ranges:\t${spec.loadBalancerSourceRanges.join(',')}`);
  return lines.raw(events).text;
};

/** The ready endpoints of a port: three of them, and how many more there are. */
function endpointText(slices: readonly EndpointSlice[], portName: string): string {
  const all = slices.flatMap(({ ports, endpoints }) =>
    (ports ?? [])
      .filter(({ name }) => (name ?? '') === portName)
      .flatMap(({ port }) =>
        (endpoints ?? [])
          .filter(({ conditions }) => conditions?.ready !== false)
          .flatMap(({ addresses }) =>
            addresses.map((address) => `${address.includes(':') ? `[${address}]` : address}:${port}`),
          ),
      ),
  );
  const more = all.length > 3 ? ` + ${all.length - 3} more...` : '';
  return all.slice(0, 3).join(',') + more;
}
