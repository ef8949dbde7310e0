import type { Ingress, IngressClass, IPAddress, NetworkPolicy, ServiceCIDR } from '@skiff/api/types';
import { ageColumn, type Cell, column, nameColumn, none } from './columns.ts';
import { firstThree, formatSelector } from './format.ts';
import { row } from './row.ts';

export const ingress = {
  columns: [nameColumn, column('Class'), column('Hosts'), column('Address'), column('Ports'), ageColumn],
  cells({ spec, status, ...object }: Ingress, now: Date): Cell[] {
    const hosts = (spec?.rules ?? []).map(({ host }) => host).filter((host) => host !== undefined);
    const addresses = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname ?? '');
    const ports = spec?.tls?.length ? '80, 443' : '80';
    return row(
      object,
      now,
      spec?.ingressClassName ?? none,
      firstThree(hosts, '*'),
      [...new Set(addresses)].sort().join(','),
      ports,
    );
  },
};

export const ingressClass = {
  columns: [nameColumn, column('Controller'), column('Parameters'), ageColumn],
  cells({ spec, ...object }: IngressClass, now: Date): Cell[] {
    const { apiGroup, kind, name } = spec?.parameters ?? {};
    const parameters = kind ? `${[kind, apiGroup].filter(Boolean).join('.')}/${name}` : none;
    return row(object, now, spec?.controller ?? '', parameters);
  },
};

export const networkPolicy = {
  columns: [nameColumn, column('Pod-Selector'), ageColumn],
  cells: ({ spec, ...object }: NetworkPolicy, now: Date): Cell[] => row(object, now, formatSelector(spec?.podSelector)),
};

export const serviceCidr = {
  columns: [nameColumn, column('CIDRs'), ageColumn],
  cells: ({ spec, ...object }: ServiceCIDR, now: Date): Cell[] => row(object, now, (spec?.cidrs ?? []).join(',')),
};

export const ipAddress = {
  columns: [nameColumn, column('ParentRef')],
  cells({ metadata, spec }: IPAddress): Cell[] {
    const { group, resource, namespace, name } = spec?.parentRef ?? {};
    const parent = [[resource, group].filter(Boolean).join('.').toLowerCase(), namespace, name];
    return [metadata.name, spec?.parentRef ? parent.filter(Boolean).join('/') : none];
  },
};
