import type { Service } from '@skiff/api/types';
import { ageOf } from './age.ts';
import { ageColumn, type Cell, column, nameColumn, none, wide } from './columns.ts';
import { formatLabels } from './format.ts';

export const columns = [
  nameColumn,
  column('Type'),
  column('Cluster-IP'),
  column('External-IP'),
  column('Port(s)'),
  ageColumn,
  wide('Selector'),
];

function externalAddresses(service: Service): string {
  const given = service.spec?.externalIPs ?? [];
  switch (service.spec?.type) {
    case 'ExternalName':
      return service.spec.externalName ?? '';
    case 'LoadBalancer': {
      const ingress = (service.status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '');
      const balancer = [...new Set(ingress.filter(Boolean))].sort();
      return [...balancer, ...given].join(',') || '<pending>';
    }
    default:
      return given.join(',') || none;
  }
}

export function cells(service: Service, now: Date): Cell[] {
  const ports = (service.spec?.ports ?? []).map(({ port, nodePort, protocol }) =>
    nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
  );
  return [
    service.metadata.name,
    service.spec?.type ?? '',
    service.spec?.clusterIPs?.[0] ?? none,
    externalAddresses(service),
    ports.join(',') || none,
    ageOf(service.metadata.creationTimestamp, now),
    formatLabels(service.spec?.selector),
  ];
}
