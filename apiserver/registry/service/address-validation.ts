import { duplicate, forbiddenField, invalidBy, invalidValue, notSupported, required } from '@skiff/api/causes';
import { cidr, ipAddress, ipFamily } from '@skiff/api/ip';
import type { StatusCause } from '@skiff/api/status';
import type { Service } from '@skiff/api/types';
import { nonSpecialIp } from '../addresses.ts';
import { isHeadless, type ServiceSpec } from './needs.ts';

const families = ['IPv4', 'IPv6'];
const familyPolicies = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];

function validateFamilies({ ipFamilies = [], ipFamilyPolicy }: ServiceSpec): StatusCause[] {
  const causes: StatusCause[] = [];
  for (const [index, family] of ipFamilies.entries()) {
    const field = `spec.ipFamilies[${index}]`;
    if (!families.includes(family)) causes.push(notSupported(field, family, families));
    if (ipFamilies.indexOf(family) < index) causes.push(duplicate(field, family));
  }
  if (ipFamilyPolicy !== undefined && !familyPolicies.includes(ipFamilyPolicy)) {
    causes.push(notSupported('spec.ipFamilyPolicy', ipFamilyPolicy, familyPolicies));
  }
  return causes;
}

/** Rules of `clusterIP`, `clusterIPs`, `ipFamilies` and `ipFamilyPolicy` (upstream: ValidateServiceClusterIPsRelatedFields). */
export function validateAddresses(spec: ServiceSpec): StatusCause[] {
  if (spec.type === 'ExternalName') return [];
  const causes = validateFamilies(spec);
  const { clusterIP = '', clusterIPs = [], ipFamilies = [] } = spec;
  const field = 'spec.clusterIPs';
  if (clusterIP && !clusterIPs.length) causes.push(required(field));
  else if (clusterIPs.length && clusterIPs[0] !== clusterIP) {
    const rule =
      clusterIP === '' ? 'must be empty when `clusterIP` is not specified' : 'first value must match `clusterIP`';
    causes.push(invalidValue(field, clusterIPs, rule));
  }
  const wrong: StatusCause[] = [];
  for (const [index, address] of clusterIPs.entries()) {
    if (index === 0 && address === 'None') {
      if (clusterIPs.length > 1) wrong.push(invalidValue(field, clusterIPs, "'None' must be the first and only value"));
    } else wrong.push(...invalidBy(ipAddress, `${field}[${index}]`, address));
  }
  if (clusterIPs.length > 2) wrong.push(invalidValue(field, clusterIPs, 'may only hold up to 2 values'));
  if (wrong.length) return [...causes, ...wrong];
  if (clusterIPs.length > 1 && new Set(clusterIPs.map(ipFamily)).size === 1) {
    causes.push(invalidValue(field, clusterIPs, 'may specify no more than one IP for each IP family'));
  }
  if (isHeadless(spec)) return causes;
  for (const [index, address] of clusterIPs.entries()) {
    const family = ipFamilies[index];
    if (family === undefined || !families.includes(family) || ipFamily(address) === family) continue;
    const rule = `expected an ${family} value as indicated by \`ipFamilies[${index}]\``;
    causes.push(invalidValue(`${field}[${index}]`, address, rule));
  }
  return causes;
}

export function validateExternalIps({ externalIPs = [] }: ServiceSpec): StatusCause[] {
  return externalIPs.flatMap((address, index) => {
    const field = `spec.externalIPs[${index}]`;
    const wrong = invalidBy(ipAddress, field, address);
    return wrong.length ? wrong : invalidBy(nonSpecialIp, field, address);
  });
}

const rangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges';

/** Who may reach a load balancer: a field, or the annotation that was before it. Ranges may have spaces around them. */
export function validateSourceRanges({ metadata, spec = {} }: Service): StatusCause[] {
  const { type, loadBalancerSourceRanges: ranges = [] } = spec;
  const annotation = metadata.annotations?.[rangesAnnotation];
  if (ranges.length === 0 && annotation === undefined) return [];
  // Upstream spells the field with a capital letter.
  const field = ranges.length ? 'spec.LoadBalancerSourceRanges' : `metadata.annotations[${rangesAnnotation}]`;
  const wrongType =
    type === 'LoadBalancer' ? [] : [forbiddenField(field, "may only be used when `type` is 'LoadBalancer'")];
  if (ranges.length) {
    return [...wrongType, ...ranges.flatMap((range, index) => invalidBy(cidr, `${field}[${index}]`, range.trim()))];
  }
  const listed = annotation?.trim() ? annotation.split(',') : [];
  return [...wrongType, ...listed.flatMap((range) => invalidBy(cidr, field, range.trim()))];
}
