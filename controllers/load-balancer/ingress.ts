import type { Service } from '@skiff/api/types';
import { isLoopback } from './loopback-addresses.ts';
import type { LoadBalancerRequest, OpenedPort } from './provider.ts';

export type Ingress = NonNullable<NonNullable<NonNullable<Service['status']>['loadBalancer']>['ingress']>[number];

/** Whether this controller provides for the Service; one with a class is left to whoever knows the class. */
export function wantsLoadBalancer({ metadata, spec }: Service): boolean {
  return spec?.type === 'LoadBalancer' && !spec.loadBalancerClass && metadata.deletionTimestamp === undefined;
}

/** What the user wants of the provider, and what to ask it for: the Service keeps the address that it has. */
export function requestFor(
  id: string,
  { spec, status }: Service,
): { wish: LoadBalancerRequest; request: LoadBalancerRequest } {
  const wanted = spec?.loadBalancerIP && isLoopback(spec.loadBalancerIP) ? spec.loadBalancerIP : undefined;
  const ports = (spec?.ports ?? []).map(({ port, protocol = 'TCP' }) => ({ port, protocol }));
  const wish = { service: id, ...(wanted && { address: wanted }), ports };
  const address = wanted ?? status?.loadBalancer?.ingress?.[0]?.ip;
  return { wish, request: { ...wish, ...(address && { address }) } };
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
