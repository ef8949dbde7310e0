import type { Service } from '@skiff/api/types';
import { defineStrategy } from '../define-strategy.ts';
import type { Strategy } from '../strategy.ts';
import { recordAddresses } from './address-records.ts';
import type { ServiceAllocator } from './allocator.ts';
import { dropFieldsOfType, followClusterIp, keepAllocated } from './carry-over.ts';
import { defaultService } from './defaults.ts';
import { isHeadless, type ServiceSpec } from './needs.ts';
import { validateServiceStatus } from './status.ts';
import { validateService, validateServiceUpdate } from './validation.ts';

function warningsFor(spec: ServiceSpec): string[] {
  const warnings: string[] = [];
  if (spec.externalIPs?.length) {
    warnings.push(
      isHeadless(spec)
        ? 'spec.externalIPs is ignored when spec.clusterIP is "None"'
        : 'spec.externalIPs is deprecated: any user who may set it can intercept the traffic of others',
    );
  }
  if (spec.externalName && spec.type !== 'ExternalName') {
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  }
  if (isHeadless(spec) && spec.sessionAffinity === 'ClientIP') {
    warnings.push('spec.SessionAffinity is ignored for headless services');
  }
  if (spec.trafficDistribution === 'PreferClose') {
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
      if (spec.type !== 'LoadBalancer') service.status.loadBalancer = {};
    },
    validate: (service, { subresource }) =>
      subresource === 'status' ? validateServiceStatus(service) : validateService(service),
    validateUpdate: (service, old, { subresource }) =>
      subresource === 'status' ? [] : validateServiceUpdate(service, old),
    warnings: ({ spec }, _old, { subresource }) => (subresource === 'status' ? [] : warningsFor(spec ?? {})),
    reserve: (service, _old, { subresource }) => (subresource === 'status' ? undefined : allocator.reserve(service)),
    afterWrite: recordAddresses,
  });
}
