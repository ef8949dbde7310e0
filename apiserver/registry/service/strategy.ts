import type { Service } from '@skiff/api/types';
import { defineStrategy } from '../define-strategy.ts';
import type { Strategy } from '../strategy.ts';
import { recordAddresses } from './address-records.ts';
import type { ServiceAllocator } from './allocator.ts';
import { dropFieldsOfType, dropInternalPolicy, followClusterIp, keepAllocated } from './carry-over.ts';
import { defaultService } from './defaults.ts';
import { isHeadless } from './needs.ts';
import { validateServiceStatus } from './status.ts';
import { validateService, validateServiceUpdate } from './validation.ts';

const hintsAnnotation = 'service.kubernetes.io/topology-aware-hints';

/** Upstream: GetWarningsForService in pkg/api/service. */
function warningsFor({ metadata, spec = {} }: Service): string[] {
  const warnings: string[] = [];
  const { externalIPs = [], externalName, loadBalancerIP, sessionAffinity, trafficDistribution, type } = spec;
  if (metadata.annotations?.[hintsAnnotation] !== undefined) {
    const instead = 'please use service.kubernetes.io/topology-mode instead';
    warnings.push(`annotation ${hintsAnnotation} is deprecated, ${instead}`);
  }
  if (type === 'ClusterIP' && isHeadless(spec)) {
    if (loadBalancerIP) warnings.push('spec.loadBalancerIP is ignored for headless services');
    if (externalIPs.length) warnings.push('spec.externalIPs is ignored for headless services');
    if (sessionAffinity !== 'None') warnings.push('spec.SessionAffinity is ignored for headless services');
  } else if (externalIPs.length && type !== 'ExternalName') {
    warnings.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters');
  }
  if (type === 'ExternalName' && externalIPs.length) {
    warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  }
  if (type !== 'ExternalName' && externalName) {
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  }
  if (trafficDistribution === 'PreferClose') {
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
  }
  return warnings;
}

/** Services (upstream: pkg/registry/core/service). They have no generation. */
export function serviceStrategy(allocator: ServiceAllocator): Strategy {
  return defineStrategy<Service>({
    deleteReturnsObject: true,
    updateCreates: true,
    fields: {
      'spec.clusterIP': ({ spec }) => spec?.clusterIP ?? '',
      'spec.type': ({ spec }) => spec?.type ?? '',
    },
    default: defaultService,
    prepareForCreate(service) {
      delete service.status;
      followClusterIp(service.spec ?? {});
      dropInternalPolicy(service.spec ?? {});
    },
    prepareForUpdate(service, old, { subresource }) {
      const before = old.spec ?? {};
      if (subresource === 'status') {
        service.spec = structuredClone(before);
        return;
      }
      const spec = service.spec ?? {};
      service.status = structuredClone(old.status ?? {});
      followClusterIp(spec, before);
      keepAllocated(spec, before);
      dropFieldsOfType(spec, before);
      dropInternalPolicy(spec);
      if (spec.type !== 'LoadBalancer') service.status.loadBalancer = {};
    },
    validate: (service, { subresource }) =>
      subresource === 'status' ? validateServiceStatus(service) : validateService(service),
    validateUpdate: (service, old, { subresource }) =>
      subresource === 'status' ? [] : validateServiceUpdate(service, old),
    warnings: (service, _old, { subresource }) => (subresource === 'status' ? [] : warningsFor(service)),
    reserve: (service, old, { subresource }) =>
      subresource === 'status' ? undefined : allocator.reserve(service, old),
    afterWrite: recordAddresses,
  });
}
