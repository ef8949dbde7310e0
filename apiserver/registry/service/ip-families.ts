import { isDeepStrictEqual } from 'node:util';
import { invalidValue } from '@skiff/api/causes';
import { ipFamily } from '@skiff/api/ip';
import type { StatusCause } from '@skiff/api/status';
import { validateAddresses } from './address-validation.ts';
import { isHeadless, type ServiceSpec } from './needs.ts';

/** The families of the cluster: Services have IPv4 addresses alone. */
const cluster = ['IPv4'];
const policyField = 'spec.ipFamilyPolicy';

/** A policy that does not go with what is there, or with the addresses that an update would give back. */
function validatePolicy(spec: ServiceSpec, old: ServiceSpec | undefined): StatusCause[] {
  const { clusterIPs = [], ipFamilies = [], ipFamilyPolicy: policy } = spec;
  const causes: StatusCause[] = [];
  const wrong = (rule: string): void => void causes.push(invalidValue(policyField, policy, rule));
  if (policy !== 'SingleStack') {
    const fewer = (now: readonly string[], before: readonly string[] = []): boolean =>
      now.length === 1 && before.length > 1;
    if (fewer(clusterIPs, old?.clusterIPs)) wrong("must be 'SingleStack' to release the secondary cluster IP");
    if (fewer(ipFamilies, old?.ipFamilies)) wrong("must be 'SingleStack' to release the secondary IP family");
    return causes;
  }
  const rule = "must be 'RequireDualStack' or 'PreferDualStack' when multiple";
  if (clusterIPs.length === 2) wrong(`${rule} cluster IPs are specified`);
  if (ipFamilies.length === 2) wrong(`${rule} IP families are specified`);
  return causes;
}

/** A policy of one family takes the second ones from what did not change. Mutates. */
function releaseSecond(spec: ServiceSpec, old: ServiceSpec): void {
  for (const field of ['clusterIPs', 'ipFamilies'] as const) {
    if (isDeepStrictEqual(spec[field], old[field])) spec[field] = spec[field]?.slice(0, 1) ?? [];
  }
}

/** Families follow from addresses. Mutates; answers with addresses of a family that the cluster does not have. */
function inferFamilies(spec: ServiceSpec): StatusCause[] {
  if (isHeadless(spec)) return [];
  const addresses = spec.clusterIPs ?? [];
  return addresses.flatMap((address, index) => {
    const family = ipFamily(address) ?? '';
    if (spec.ipFamilies?.[index] !== undefined) return [];
    if (!cluster.includes(family)) {
      return [invalidValue(`spec.clusterIPs[${index}]`, addresses, `${family} is not configured on this cluster`)];
    }
    spec.ipFamilies = [...(spec.ipFamilies ?? []), family];
    return [];
  });
}

/**
 * Fills in the families of a Service in a cluster that has IPv4 alone (upstream: initIPFamilyFields). A headless Service
 * without a selector may have both, since nobody here gives it addresses. Mutates; answers with what cannot be had.
 */
export function fillIpFamilies(spec: ServiceSpec, old?: ServiceSpec): StatusCause[] {
  if (spec.type === 'ExternalName') return [];
  const free = isHeadless(spec) && Object.keys(spec.selector ?? {}).length === 0;
  spec.ipFamilyPolicy ??= old?.ipFamilyPolicy ?? (free ? 'RequireDualStack' : 'SingleStack');
  const malformed = validateAddresses(spec);
  if (malformed.length) return malformed;
  if (old && spec.ipFamilyPolicy === 'SingleStack') releaseSecond(spec, old);
  const mismatched = [...validatePolicy(spec, old), ...inferFamilies(spec)];
  if (mismatched.length) return mismatched;

  if (free) {
    spec.ipFamilies ??= [...cluster];
    if (spec.ipFamilyPolicy !== 'SingleStack' && spec.ipFamilies.length === 1) {
      spec.ipFamilies.push(spec.ipFamilies[0] === 'IPv4' ? 'IPv6' : 'IPv4');
    }
    return [];
  }
  const causes: StatusCause[] = [];
  if (spec.ipFamilyPolicy === 'RequireDualStack') {
    const rule = 'this cluster is not configured for dual-stack services';
    causes.push(invalidValue(policyField, spec.ipFamilyPolicy, rule));
  }
  for (const [index, family] of (spec.ipFamilies ?? []).entries()) {
    if (!cluster.includes(family)) {
      causes.push(invalidValue(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster'));
    }
  }
  if (causes.length === 0 && !spec.ipFamilies?.length) spec.ipFamilies = [...cluster];
  return causes;
}
