import type { Service } from '@skiff/api/types';
import { isLoopback } from './loopback-addresses.ts';
import type { LoadBalancerRequest, OpenedPort } from './provider.ts';

type Ingress = NonNullable<NonNullable<NonNullable<Service['status']>['loadBalancer']>['ingress']>[number];

/** Whether this controller provides for the Service; one with a class is left to whoever knows the class. */
export function wantsLoadBalancer({ metadata, spec }: Service): boolean {
  return spec?.type === 'LoadBalancer' && !spec.loadBalancerClass && metadata.deletionTimestamp === undefined;
}

/** What to ask the provider for: the address that the user wants, or else the one that the Service has. */
export function requestFor(id: string, { spec, status }: Service): LoadBalancerRequest {
  const wish = spec?.loadBalancerIP && isLoopback(spec.loadBalancerIP) ? spec.loadBalancerIP : undefined;
  const address = wish ?? status?.loadBalancer?.ingress?.[0]?.ip;
  const ports = (spec?.ports ?? []).map(({ port, protocol = 'TCP' }) => ({ port, protocol }));
  return { service: id, ...(address && { address }), ports };
}

/** What the status says: ports only where not all of them are open, and then all, as the API asks for. */
export function ingressOf({ address, ports }: { address: string; ports: readonly OpenedPort[] }): Ingress[] {
  const failed = ports.some(({ error }) => error !== undefined);
  const listed = ports.map(({ port, protocol, error }) => ({ port, protocol, ...(error !== undefined && { error }) }));
  return [{ ip: address, ipMode: 'Proxy', ...(failed && { ports: listed }) }];
}

/** The ports that were opened elsewhere than wanted, and the reason of the Event about it. */
export function movedPorts({ ports }: { ports: readonly OpenedPort[] }): (OpenedPort & { reason: string })[] {
  return ports.flatMap((port) =>
    port.error === undefined ? [] : [{ ...port, reason: port.error.slice(port.error.lastIndexOf('/') + 1) }],
  );
}
