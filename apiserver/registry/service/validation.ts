import { forbiddenField, invalidBy, invalidValue, notSupported, required } from '@skiff/api/causes';
import { dns1123Subdomain, qualifiedName } from '@skiff/api/names';
import { validateLabels } from '@skiff/api/selectors/label-selector-rules';
import type { StatusCause } from '@skiff/api/status';
import type { Service } from '@skiff/api/types';
import { validateAddresses, validateExternalIps, validateSourceRanges } from './address-validation.ts';
import { isHeadless, needsExternalTrafficPolicy, needsHealthCheckNodePort, type ServiceSpec } from './needs.ts';
import { invalidPort, validatePorts } from './port-validation.ts';

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

function validateClass({ loadBalancerClass, type }: ServiceSpec): StatusCause[] {
  if (loadBalancerClass === undefined) return [];
  const field = 'spec.loadBalancerClass';
  if (type === 'LoadBalancer') return invalidBy(qualifiedName, field, loadBalancerClass);
  return [forbiddenField(field, "may only be used when `type` is 'LoadBalancer'")];
}

function validateLoadBalancer(service: Service): StatusCause[] {
  const causes = validateSourceRanges(service);
  const { allocateLoadBalancerNodePorts: allocate, type } = service.spec ?? {};
  if (type === 'LoadBalancer') {
    // Upstream leaves the spec out of this path.
    if (allocate === undefined) causes.push(required('allocateLoadBalancerNodePorts'));
  } else if (allocate !== undefined) {
    const rule = "may only be used when `type` is 'LoadBalancer'";
    causes.push(forbiddenField('spec.allocateLoadBalancerNodePorts', rule));
  }
  return [...causes, ...validateClass(service.spec ?? {})];
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
  } else if (needsHealthCheckNodePort(spec)) {
    causes.push(...invalidPort('spec.healthCheckNodePort', health ?? 0));
  }
  const internal = spec.internalTrafficPolicy;
  const known = spec.type !== undefined && types.includes(spec.type) && spec.type !== 'ExternalName';
  if (internal !== undefined || known) causes.push(...oneOf('spec.internalTrafficPolicy', internal, policies));
  if (trafficDistribution !== undefined) {
    causes.push(...oneOf('spec.trafficDistribution', trafficDistribution, distributions));
  }
  return causes;
}

const hintsAnnotation = 'service.kubernetes.io/topology-aware-hints';
const modeAnnotation = 'service.kubernetes.io/topology-mode';

/** Two names of one setting. */
function validateTopologyAnnotations({ metadata }: Service): StatusCause[] {
  const { [hintsAnnotation]: hints, [modeAnnotation]: mode } = metadata.annotations ?? {};
  if (hints === undefined || mode === undefined || hints === mode) return [];
  const rule = `must match annotations[${hintsAnnotation}] when both are specified`;
  return [invalidValue(`metadata.annotations[${modeAnnotation}]`, mode, rule)];
}

/** Upstream: ValidateService in pkg/apis/core/validation. */
export function validateService(service: Service): StatusCause[] {
  const spec = service.spec ?? {};
  return [
    ...validateTopologyAnnotations(service),
    ...validateType(spec),
    ...validatePorts(spec),
    ...validateLabels(spec.selector, 'spec.selector'),
    ...validateAffinity(spec),
    ...validateAddresses(spec),
    ...validateExternalIps(spec),
    ...oneOf('spec.type', spec.type, types),
    ...validateLoadBalancer(service),
    ...validateTraffic(spec),
  ];
}

const mayNotChange = 'may not change once set';

function validateAddressUpdate(spec: ServiceSpec, before: ServiceSpec): StatusCause[] {
  if (isHeadless(spec) && isHeadless(before)) return [];
  const [now, old] = [spec.clusterIPs ?? [], before.clusterIPs ?? []];
  const field = 'spec.clusterIPs[0]';
  if (old.length > 0 && now.length === 0) {
    return [invalidValue(field, spec.clusterIPs, 'primary clusterIP can not be unset')];
  }
  const causes: StatusCause[] = [];
  if (old.length > now.length && spec.ipFamilyPolicy !== 'SingleStack') {
    const rule = "must be set to 'SingleStack' when releasing the secondary clusterIP";
    causes.push(invalidValue('spec.ipFamilyPolicy', spec.ipFamilyPolicy, rule));
  }
  const compared = old.length === now.length ? old : old.slice(0, 1);
  for (const [index, address] of compared.entries()) {
    if (address !== now[index]) {
      causes.push(invalidValue(`spec.clusterIPs[${index}]`, spec.clusterIPs, mayNotChange));
    }
  }
  return causes;
}

function validateFamilyUpdate(spec: ServiceSpec, before: ServiceSpec): StatusCause[] {
  if (isHeadless(spec) || isHeadless(before)) return [];
  const [now, old] = [spec.ipFamilies ?? [], before.ipFamilies ?? []];
  const causes: StatusCause[] = [];
  if (old.length > now.length && now.length === 1 && spec.ipFamilyPolicy !== 'SingleStack') {
    const rule = "must be set to 'SingleStack' when releasing the secondary ipFamily";
    causes.push(invalidValue('spec.ipFamilyPolicy', spec.ipFamilyPolicy, rule));
  }
  const compared = old.length === now.length ? old : old.slice(0, now.length && 1);
  const changed = compared.filter((family, index) => family !== now[index]);
  return [...causes, ...changed.map(() => invalidValue('spec.ipFamilies[0]', now, mayNotChange))];
}

/** What may not change (upstream: ValidateServiceUpdate). */
export function validateServiceUpdate(service: Service, old: Service): StatusCause[] {
  const [spec, before] = [service.spec ?? {}, old.spec ?? {}];
  const causes: StatusCause[] = [];
  if (spec.type !== 'ExternalName' && before.type !== 'ExternalName') {
    causes.push(...validateAddressUpdate(spec, before), ...validateFamilyUpdate(spec, before));
  }
  const balanced = spec.type === 'LoadBalancer' && before.type === 'LoadBalancer';
  if (balanced && spec.loadBalancerClass !== before.loadBalancerClass) {
    causes.push(invalidValue('spec.loadBalancerClass', spec.loadBalancerClass, mayNotChange));
  }
  // Upstream checks the class once more on updates.
  causes.push(...validateClass(spec));
  if (needsHealthCheckNodePort(spec) && needsHealthCheckNodePort(before)) {
    if (spec.healthCheckNodePort !== before.healthCheckNodePort) {
      causes.push(forbiddenField('spec.healthCheckNodePort', 'field is immutable'));
    }
  }
  return causes;
}
