import { type Kind, kinds } from '../kinds.ts';
import type { KubeObject } from '../meta.ts';
import { Quantity } from '../quantity.ts';
import type { ResourceQuota } from '../types.ts';
import { type Amounts, plus } from './amounts.ts';
import { isInScope } from './scopes.ts';
import { countName, usageOf } from './usage.ts';

/** Lists the objects of a kind in the quota's namespace. */
export type ListObjects = (kind: Kind) => Iterable<KubeObject>;

const podResource = /^(pods|cpu|memory|ephemeral-storage|hugepages-.*|(requests|limits)\.(?!storage$).*)$/;

/** Whether what a quota limits is something that objects of this kind take. */
export function takes(kind: Kind, resource: string): boolean {
  if (resource === countName(kind)) return true;
  if (kind.group !== '') return false;
  switch (kind.plural) {
    case 'pods':
      return podResource.test(resource);
    case 'persistentvolumeclaims':
      return (
        resource === 'persistentvolumeclaims' ||
        resource === 'requests.storage' ||
        resource.includes('.storageclass.storage.k8s.io/')
      );
    case 'services':
      return resource === 'services' || resource.startsWith('services.');
    default:
      return resource === kind.plural;
  }
}

/** The kinds whose objects a quota counts. */
export const kindsCountedBy = (quota: ResourceQuota): Kind[] => {
  const names = Object.keys(quota.spec?.hard ?? {});
  return kinds.filter((kind) => kind.namespaced && names.some((name) => takes(kind, name)));
};

/** How much of what a quota limits is in use. */
export function quotaUsage(quota: ResourceQuota, list: ListObjects): Map<string, Quantity> {
  let used: Amounts = new Map();
  for (const kind of kindsCountedBy(quota)) {
    for (const object of list(kind)) if (isInScope(quota, kind, object)) used = plus(used, usageOf(kind, object));
  }
  const names = Object.keys(quota.spec?.hard ?? {});
  return new Map(names.map((name) => [name, used.get(name) ?? Quantity.zero]));
}
