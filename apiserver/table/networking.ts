import type { Ingress, IngressClass, IPAddress, NetworkPolicy, ServiceCIDR } from '@skiff/api/types';
import { ageColumn, type Cell, column, nameColumn, none } from './columns.ts';
import { formatSelector } from './format.ts';
import { row } from './row.ts';

/** The first three hosts; rules that follow them are counted whether or not they have one. */
function formatHosts(rules: readonly { host?: string }[] = []): string {
  const hosts: string[] = [];
  let more = false;
  for (const { host } of rules) {
    if (hosts.length === 3) more = true;
    else if (host) hosts.push(host);
  }
  return more ? `${hosts.join(',')} + ${rules.length - 3} more...` : hosts.join(',') || '*';
}

export const ingress = {
  columns: [nameColumn, column('Class'), column('Hosts'), column('Address'), column('Ports'), ageColumn],
  cells({ spec, status, ...object }: Ingress, now: Date): Cell[] {
    const addresses = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip || hostname || []);
    const ports = spec?.tls?.length ? '80, 443' : '80';
    return row(
      object,
      now,
      spec?.ingressClassName ?? none,
      formatHosts(spec?.rules),
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
  /** There is an age, but no column for it, as upstream. */
  cells({ spec, ...object }: IPAddress, now: Date): Cell[] {
    const { group, resource, namespace, name } = spec?.parentRef ?? {};
    const parent = [[resource, group].filter(Boolean).join('.').toLowerCase(), namespace, name];
    return row(object, now, spec?.parentRef ? parent.filter(Boolean).join('/') : none);
  },
};
