import type { Kind } from '@skiff/api/kinds';
import { type ApiResource, apiResources, type GroupVersion, groupVersions } from './resources.ts';

/** The media type of aggregated discovery (KEP-3352). */
export const aggregatedType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

function responseKind(resource: ApiResource, { group, version }: GroupVersion): object {
  return { group: resource.group ?? group, version: resource.version ?? version, kind: resource.kind };
}

function resourcesOf(groupVersion: GroupVersion): object[] {
  const all = apiResources(groupVersion);
  return all
    .filter(({ name }) => !name.includes('/'))
    .map((resource) => {
      const subresources = all.filter(({ name }) => name.startsWith(`${resource.name}/`));
      return {
        resource: resource.name,
        responseKind: responseKind(resource, groupVersion),
        scope: resource.namespaced ? 'Namespaced' : 'Cluster',
        singularResource: resource.singularName,
        verbs: resource.verbs,
        ...(resource.shortNames && { shortNames: resource.shortNames }),
        ...(resource.categories && { categories: resource.categories }),
        ...(subresources.length && {
          subresources: subresources.map((subresource) => ({
            subresource: subresource.name.slice(resource.name.length + 1),
            responseKind: responseKind(subresource, groupVersion),
            verbs: subresource.verbs,
          })),
        }),
      };
    });
}

/** `APIGroupDiscoveryList`: all resources of `/api` (the core group) or of `/apis` (all others) in one answer. */
export function aggregatedDiscovery(root: 'api' | 'apis', kinds: readonly Kind[]): object {
  const byGroup = new Map<string, object[]>();
  for (const groupVersion of groupVersions(kinds)) {
    if ((groupVersion.group === '') !== (root === 'api')) continue;
    const versions = byGroup.get(groupVersion.group) ?? [];
    versions.push({ version: groupVersion.version, resources: resourcesOf(groupVersion), freshness: 'Current' });
    byGroup.set(groupVersion.group, versions);
  }
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: [...byGroup].map(([name, versions]) => ({ metadata: name ? { name } : {}, versions })),
  };
}
