import { invalidValue } from '@skiff/api/causes';
import type { StatusCause } from '@skiff/api/status';
import { isHeadless, needsClusterIp, type ServiceSpec } from './needs.ts';

/**
 * Fills in the families of a Service in a cluster that has IPv4 alone (upstream: initIPFamilyFields). A headless Service
 * without a selector may have both, since nobody here gives it addresses. Mutates; answers with what cannot be had.
 */
export function fillIpFamilies(spec: ServiceSpec): StatusCause[] {
  if (!needsClusterIp(spec)) return [];
  const selects = Object.keys(spec.selector ?? {}).length > 0;
  if (isHeadless(spec) && !selects) {
    spec.ipFamilyPolicy ??= 'RequireDualStack';
    spec.ipFamilies ??= ['IPv4'];
    if (spec.ipFamilyPolicy !== 'SingleStack' && spec.ipFamilies.length === 1) {
      spec.ipFamilies.push(spec.ipFamilies[0] === 'IPv4' ? 'IPv6' : 'IPv4');
    }
    return [];
  }
  const causes: StatusCause[] = [];
  for (const [index, family] of (spec.ipFamilies ?? []).entries()) {
    if (family === 'IPv4') continue;
    causes.push(invalidValue(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster'));
  }
  if (spec.ipFamilyPolicy === 'RequireDualStack') {
    const rule = 'this cluster is not configured for dual-stack services';
    causes.push(invalidValue('spec.ipFamilyPolicy', spec.ipFamilyPolicy, rule));
  }
  if (causes.length) return causes;
  spec.ipFamilies ??= ['IPv4'];
  spec.ipFamilyPolicy ??= 'SingleStack';
  return [];
}
