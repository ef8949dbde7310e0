import type { Kind, Verb } from '@skiff/api/kinds';
import type { Client } from './client.ts';

/** Aggregated discovery (KEP-3352). */
const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

interface ResponseKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

interface DiscoveredResource {
  readonly resource: string;
  readonly responseKind: ResponseKind;
  readonly scope: 'Namespaced' | 'Cluster';
  readonly singularResource: string;
  readonly verbs: Verb[];
  readonly shortNames?: string[];
  readonly categories?: string[];
  readonly subresources?: {
    readonly subresource: string;
    readonly responseKind: ResponseKind;
    readonly verbs: Verb[];
  }[];
}

interface DiscoveryList {
  readonly items: {
    readonly metadata: { readonly name?: string };
    readonly versions: { readonly version: string; readonly resources: DiscoveredResource[] }[];
  }[];
}

/** What a server serves at this moment, custom resources included: of each resource the version that the server prefers. */
export async function discoverKinds(client: Client, options: { signal?: AbortSignal } = {}): Promise<Kind[]> {
  const roots = ['/api', '/apis'].map((path) =>
    client.request<DiscoveryList>({ method: 'GET', path, accept, signal: options.signal }),
  );
  const groups = (await Promise.all(roots)).flatMap(({ items }) => items);
  return groups.flatMap(({ metadata: { name: group = '' }, versions }) => {
    const preferred = new Map<string, Kind>();
    for (const { version, resources } of versions) {
      for (const found of resources) {
        if (!preferred.has(found.resource)) preferred.set(found.resource, kindOf(found, { group, version }));
      }
    }
    return [...preferred.values()];
  });
}

function kindOf(found: DiscoveredResource, { group, version }: { group: string; version: string }): Kind {
  return {
    group,
    version,
    kind: found.responseKind.kind,
    plural: found.resource,
    singular: found.singularResource,
    shortNames: found.shortNames ?? [],
    categories: found.categories ?? [],
    namespaced: found.scope === 'Namespaced',
    verbs: found.verbs,
    subresources: (found.subresources ?? []).map(({ subresource, responseKind, verbs }) => ({
      name: subresource,
      verbs,
      ...responseKind,
    })),
    // Discovery tells nothing of schemas.
    model: '',
  };
}
