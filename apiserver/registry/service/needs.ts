import type { Service } from '@skiff/api/types';

export type ServiceSpec = NonNullable<Service['spec']>;
export type ServicePort = NonNullable<ServiceSpec['ports']>[number];

/** Which fields a Service of its type has (upstream: pkg/apis/core and pkg/registry/core/service). */
export const needsClusterIp = ({ type }: ServiceSpec): boolean => type !== 'ExternalName';

/** Whether ports of nodes are kept; a Service whose `allocateLoadBalancerNodePorts` is switched off keeps those it has. */
export const hasNodePorts = ({ type }: ServiceSpec): boolean => type === 'NodePort' || type === 'LoadBalancer';

/** Whether each port is given one of every node. */
export const needsNodePorts = (spec: ServiceSpec): boolean =>
  hasNodePorts(spec) && !(spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts === false);

export const needsHealthCheckNodePort = (spec: ServiceSpec): boolean =>
  spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';

export const needsExternalTrafficPolicy = (spec: ServiceSpec): boolean =>
  spec.type === 'NodePort' ||
  spec.type === 'LoadBalancer' ||
  (spec.type === 'ClusterIP' && (spec.externalIPs?.length ?? 0) > 0);

export const isHeadless = (spec: ServiceSpec): boolean => spec.clusterIP === 'None' || spec.clusterIPs?.[0] === 'None';
