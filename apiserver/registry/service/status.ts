import { forbiddenField, invalidBy, invalidValue, notSupported, required } from '@skiff/api/causes';
import { ipAddress, ipFamily } from '@skiff/api/ip';
import { dns1123Subdomain } from '@skiff/api/names';
import type { StatusCause } from '@skiff/api/status';
import type { Service } from '@skiff/api/types';

const modes = ['Proxy', 'VIP'];

/** What a load balancer may report (upstream: ValidateLoadBalancerStatus). */
export function validateServiceStatus({ spec, status }: Service): StatusCause[] {
  const ingresses = status?.loadBalancer?.ingress ?? [];
  const root = 'status.loadBalancer.ingress';
  if (ingresses.length && spec?.type !== 'LoadBalancer') {
    return [forbiddenField(root, "may only be used when `spec.type` is 'LoadBalancer'")];
  }
  const causes: StatusCause[] = [];
  for (const [index, { ip, hostname, ipMode }] of ingresses.entries()) {
    const field = `${root}[${index}]`;
    if (ip) {
      causes.push(...invalidBy(ipAddress, `${field}.ip`, ip));
      if (ipMode === undefined) causes.push(required(`${field}.ipMode`, 'must be specified when `ip` is set'));
      else if (!modes.includes(ipMode)) causes.push(notSupported(`${field}.ipMode`, ipMode, modes));
    } else if (ipMode !== undefined) {
      causes.push(forbiddenField(`${field}.ipMode`, 'may not be specified when `ip` is not set'));
    }
    if (!hostname) continue;
    causes.push(...invalidBy(dns1123Subdomain, `${field}.hostname`, hostname));
    if (ipFamily(hostname)) {
      causes.push(invalidValue(`${field}.hostname`, hostname, 'must be a DNS name, not an IP address'));
    }
  }
  return causes;
}
