import type { EndpointSlice, Pod, Service } from '@skiff/api/types';
import { fnv1a128 } from './fnv.ts';

export type EndpointPort = NonNullable<EndpointSlice['ports']>[number];
type ServicePort = NonNullable<NonNullable<Service['spec']>['ports']>[number];

/**
 * The ports that a Pod offers for a Service. A named target port that the Pod does not have is left out, so the Pods of
 * one Service can have different lists, which then live in different slices.
 */
export function endpointPorts(service: Service, pod: Pod): EndpointPort[] {
  const ports: EndpointPort[] = [];
  for (const servicePort of service.spec?.ports ?? []) {
    const port = targetPort(servicePort, pod);
    if (port === undefined) continue;
    const { name = '', protocol = 'TCP', appProtocol } = servicePort;
    ports.push({ name, protocol, port, ...(appProtocol !== undefined && { appProtocol }) });
  }
  return inSliceOrder(ports);
}

/** The number of the port behind a Service port: a named one is looked up in the Pod's containers and sidecars. */
export function targetPort(servicePort: ServicePort, pod: Pod): number | undefined {
  // The client's types widen int-or-string to `any`.
  const target: number | string = servicePort.targetPort ?? servicePort.port;
  if (typeof target === 'number') return target;
  const sidecars = pod.spec?.initContainers?.filter((container) => container.restartPolicy === 'Always') ?? [];
  for (const container of [...(pod.spec?.containers ?? []), ...sidecars]) {
    for (const port of container.ports ?? []) {
      if (port.name === target && (port.protocol ?? 'TCP') === (servicePort.protocol ?? 'TCP'))
        return port.containerPort;
    }
  }
  return undefined;
}

/** Equal for equal lists of ports: what endpoints of one slice have in common. */
export function portsKey(ports: readonly EndpointPort[] | null | undefined): string {
  return JSON.stringify(
    inSliceOrder(ports ?? []).map((port) => [port.name, port.protocol, port.port, port.appProtocol]),
  );
}

/** Kubernetes' order: by the FNV hash of each port as Go prints it, which clients see in `kubectl get -o yaml`. */
export function inSliceOrder(ports: readonly EndpointPort[]): EndpointPort[] {
  if (ports.length < 2) return [...ports];
  return ports
    .map((port) => ({ port, hash: fnv1a128(goText(port)) }))
    .sort((a, b) => (a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0))
    .map(({ port }) => port);
}

function goText(port: EndpointPort): string {
  const pointer = (type: string, value: unknown): string => `(*${type})${value ?? '<nil>'}`;
  return (
    `(v1.EndpointPort){Name:${pointer('string', port.name)} Protocol:${pointer('v1.Protocol', port.protocol)} ` +
    `Port:${pointer('int32', port.port)} AppProtocol:${pointer('string', port.appProtocol)}}`
  );
}
