import { isDeepStrictEqual } from 'node:util';
import {
  hasNodePorts,
  needsClusterIp,
  needsExternalTrafficPolicy,
  needsHealthCheckNodePort,
  type ServicePort,
  type ServiceSpec,
} from './needs.ts';

/** `clusterIPs` follows `clusterIP` where a client set only that one, as clients older than `clusterIPs` do. */
export function followClusterIp(spec: ServiceSpec, old?: ServiceSpec): void {
  if (!old) {
    if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP];
    return;
  }
  if (spec.clusterIP === old.clusterIP || !isDeepStrictEqual(spec.clusterIPs, old.clusterIPs)) return;
  if (spec.clusterIP) spec.clusterIPs = [spec.clusterIP];
  else delete spec.clusterIPs;
}

/** A replacement that leaves out what was allocated keeps it: a PUT of a manifest does not take a Service's addresses. */
export function keepAllocated(spec: ServiceSpec, old: ServiceSpec): void {
  if (needsClusterIp(old) && needsClusterIp(spec)) {
    if (!spec.clusterIP && old.clusterIP) spec.clusterIP = old.clusterIP;
    if (!spec.clusterIPs?.length && spec.clusterIP === old.clusterIP && old.clusterIPs) {
      spec.clusterIPs = [...old.clusterIPs];
    }
  }
  if (hasNodePorts(old) && hasNodePorts(spec)) keepNodePorts(spec.ports ?? [], old.ports ?? []);
  if (needsHealthCheckNodePort(old) && needsHealthCheckNodePort(spec) && old.healthCheckNodePort) {
    spec.healthCheckNodePort ??= old.healthCheckNodePort;
  }
  // Go on with the families that go with the addresses.
  if (needsClusterIp(spec) && spec.clusterIP === old.clusterIP) {
    if (old.ipFamilies) spec.ipFamilies ??= [...old.ipFamilies];
    if (old.ipFamilyPolicy) spec.ipFamilyPolicy ??= old.ipFamilyPolicy;
  }
}

/** Ports are matched by their names, whatever else changed about them. */
function keepNodePorts(ports: readonly ServicePort[], old: readonly ServicePort[]): void {
  const before = new Set(old.map((port) => port.nodePort));
  const used = new Set(ports.map((port) => port.nodePort).filter((number) => before.has(number)));
  const byName = new Map(old.map((port) => [port.name ?? '', port.nodePort]));
  for (const port of ports) {
    const known = byName.get(port.name ?? '');
    if (port.nodePort || !known || used.has(known)) continue;
    port.nodePort = known;
    used.add(known);
  }
}

/** An alias has no traffic of its own: upstream never shows a policy for it. One that is none is for validation to report. */
export function dropInternalPolicy(spec: ServiceSpec): void {
  const { type, internalTrafficPolicy: policy } = spec;
  if (type === 'ExternalName' && (policy === 'Cluster' || policy === 'Local')) delete spec.internalTrafficPolicy;
}

/** Ports may go and change; what matters is that the client asked for no node port of its own. */
function asksForNodePort({ ports = [] }: ServiceSpec, old: ServiceSpec): boolean {
  const before = new Set(old.ports?.map(({ nodePort }) => nodePort));
  return ports.some(({ nodePort }) => nodePort && !before.has(nodePort));
}

/** Fields that the new type does not have go, unless the client changed them too: then validation objects. */
export function dropFieldsOfType(spec: ServiceSpec, old: ServiceSpec): void {
  const same = (field: keyof ServiceSpec): boolean => isDeepStrictEqual(spec[field], old[field]);
  if (needsClusterIp(old) && !needsClusterIp(spec)) {
    if (same('clusterIP') && same('clusterIPs')) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    if (same('ipFamilies')) delete spec.ipFamilies;
    if (same('ipFamilyPolicy')) delete spec.ipFamilyPolicy;
  }
  if (hasNodePorts(old) && !hasNodePorts(spec) && !asksForNodePort(spec, old)) {
    for (const port of spec.ports ?? []) delete port.nodePort;
  }
  if (needsHealthCheckNodePort(old) && !needsHealthCheckNodePort(spec) && same('healthCheckNodePort')) {
    delete spec.healthCheckNodePort;
  }
  if (old.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    if (same('allocateLoadBalancerNodePorts')) delete spec.allocateLoadBalancerNodePorts;
    if (same('loadBalancerClass')) delete spec.loadBalancerClass;
  }
  if (needsExternalTrafficPolicy(old) && !needsExternalTrafficPolicy(spec) && same('externalTrafficPolicy')) {
    delete spec.externalTrafficPolicy;
  }
}
