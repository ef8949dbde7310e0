import { forbiddenField, invalidBy, invalidValue, notSupported, required } from '@skiff/api/causes';
import { dns1123Subdomain, qualifiedName } from '@skiff/api/names';
import { validateLabels } from '@skiff/api/selectors/label-selector-rules';
import type { StatusCause } from '@skiff/api/status';
import type { Service } from '@skiff/api/types';
import { validateAddresses, validateExternalIps, validateSourceRanges } from './address-validation.ts';
import { isHeadless, needsExternalTrafficPolicy, needsHealthCheckNodePort, type ServiceSpec } from './needs.ts';
import { validatePorts } from './port-validation.ts';

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const policies = ['Cluster', 'Local'];
const affinities = ['ClientIP', 'None'];
const distributions = ['PreferClose', 'PreferSameNode', 'PreferSameZone'];
const maxAffinitySeconds = 86_400;

const oneOf = (field: string, value: string | undefined, supported: readonly string[]): StatusCause[] => {
  if (value === undefined) return [required(field)];
  return supported.includes(value) ? [] : [notSupported(field, value, supported)];
};

function validateType(spec: ServiceSpec): StatusCause[] {
  const causes: StatusCause[] = [];
  const { type } = spec;
  if ((type === 'LoadBalancer' || type === 'NodePort') && isHeadless(spec)) {
    causes.push(invalidValue('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`));
  }
  if (type !== 'ExternalName') return causes;
  const rule = 'may not be set for ExternalName services';
  if (spec.clusterIPs?.length) causes.push(forbiddenField('spec.clusterIPs', rule));
  if (spec.ipFamilies?.length) causes.push(forbiddenField('spec.ipFamilies', rule));
  if (spec.ipFamilyPolicy) causes.push(forbiddenField('spec.ipFamilyPolicy', rule));
  if (!spec.externalName) return [...causes, required('spec.externalName')];
  const name = spec.externalName.replace(/\.$/, '');
  return [...causes, ...invalidBy(dns1123Subdomain, 'spec.externalName', name)];
}

function validateAffinity({ sessionAffinity, sessionAffinityConfig }: ServiceSpec): StatusCause[] {
  const causes = oneOf('spec.sessionAffinity', sessionAffinity, affinities);
  if (sessionAffinity !== 'ClientIP') return causes;
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 0;
  if (seconds > 0 && seconds <= maxAffinitySeconds) return causes;
  const rule = `must be greater than 0 and less than ${maxAffinitySeconds}`;
  return [...causes, invalidValue('spec.sessionAffinityConfig.clientIP.timeoutSeconds', seconds, rule)];
}

function validateLoadBalancer(spec: ServiceSpec): StatusCause[] {
  const causes = validateSourceRanges(spec);
  const { allocateLoadBalancerNodePorts, loadBalancerClass } = spec;
  if (spec.type === 'LoadBalancer') {
    if (allocateLoadBalancerNodePorts === undefined) causes.push(required('spec.allocateLoadBalancerNodePorts'));
    if (loadBalancerClass !== undefined) {
      causes.push(...invalidBy(qualifiedName, 'spec.loadBalancerClass', loadBalancerClass));
    }
    return causes;
  }
  const rule = "may only be used when `type` is 'LoadBalancer'";
  if (allocateLoadBalancerNodePorts !== undefined) {
    causes.push(forbiddenField('spec.allocateLoadBalancerNodePorts', rule));
  }
  if (loadBalancerClass !== undefined) causes.push(forbiddenField('spec.loadBalancerClass', rule));
  return causes;
}

function validateTraffic(spec: ServiceSpec): StatusCause[] {
  const causes: StatusCause[] = [];
  const { externalTrafficPolicy: external, healthCheckNodePort: health, trafficDistribution } = spec;
  if (needsExternalTrafficPolicy(spec)) causes.push(...oneOf('spec.externalTrafficPolicy', external, policies));
  else if (external !== undefined) {
    const rule = 'may only be set for externally-accessible services';
    causes.push(invalidValue('spec.externalTrafficPolicy', external, rule));
  }
  if (health !== undefined && !needsHealthCheckNodePort(spec)) {
    const rule = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    causes.push(invalidValue('spec.healthCheckNodePort', health, rule));
  } else if (health !== undefined && health < 0) {
    causes.push(invalidValue('spec.healthCheckNodePort', health, 'must be greater than or equal to 0'));
  }
  const internal = spec.internalTrafficPolicy;
  const known = spec.type !== undefined && types.includes(spec.type) && spec.type !== 'ExternalName';
  if (internal !== undefined || known) causes.push(...oneOf('spec.internalTrafficPolicy', internal, policies));
  if (trafficDistribution !== undefined) {
    causes.push(...oneOf('spec.trafficDistribution', trafficDistribution, distributions));
  }
  return causes;
}

/** Upstream: ValidateService in pkg/apis/core/validation. */
export function validateService(service: Service): StatusCause[] {
  const spec = service.spec ?? {};
  return [
    ...validateType(spec),
    ...validatePorts(spec),
    ...validateLabels(spec.selector, 'spec.selector'),
    ...validateAffinity(spec),
    ...validateAddresses(spec),
    ...validateExternalIps(spec),
    ...oneOf('spec.type', spec.type, types),
    ...validateLoadBalancer(spec),
    ...validateTraffic(spec),
  ];
}

/** What may not change. */
export function validateServiceUpdate(service: Service, old: Service): StatusCause[] {
  const [spec, before] = [service.spec ?? {}, old.spec ?? {}];
  const causes: StatusCause[] = [];
  if (spec.type !== 'ExternalName' && before.type !== 'ExternalName' && before.clusterIPs?.length) {
    const [address] = spec.clusterIPs ?? [];
    if (address === undefined) {
      causes.push(invalidValue('spec.clusterIPs[0]', spec.clusterIPs, 'primary clusterIP can not be unset'));
    } else if (address !== before.clusterIPs[0]) {
      causes.push(invalidValue('spec.clusterIPs[0]', spec.clusterIPs, 'may not change once set'));
    }
  }
  if (spec.type === 'LoadBalancer' && before.type === 'LoadBalancer') {
    if (spec.loadBalancerClass !== before.loadBalancerClass) {
      causes.push(invalidValue('spec.loadBalancerClass', spec.loadBalancerClass, 'may not change once set'));
    }
  }
  return causes;
}
