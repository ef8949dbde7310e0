import type { Subresource, Verb } from '@skiff/api/kinds';
import type { Client } from './client.ts';
import type { ApiResource } from './resource.ts';

/** The aggregated form (KEP-3352) in one answer; a server that lacks it answers with the group list. */
const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';

interface ResponseKind {
  group?: string;
  version?: string;
  kind?: string;
}

interface Discovered {
  resource: string;
  responseKind?: ResponseKind;
  scope: string;
  singularResource?: string;
  shortNames?: string[];
  categories?: string[];
  verbs: Verb[];
  subresources?: { subresource: string; verbs: Verb[]; responseKind?: ResponseKind }[];
}

interface GroupDiscoveryList {
  items: { metadata?: { name?: string }; versions: { version: string; resources?: Discovered[] }[] }[];
}

interface LegacyResource {
  name: string;
  kind: string;
  singularName: string;
  namespaced: boolean;
  shortNames?: string[];
  categories?: string[];
  verbs: Verb[];
}

/** What a server serves, in its own order: of a group's versions, the preferred one comes first. */
export async function discover(client: Client, signal?: AbortSignal): Promise<ApiResource[]> {
  const roots = await Promise.all(['/api', '/apis'].map((path) => discoverRoot(client, path, signal)));
  return roots.flat();
}

/** Of each resource that a server serves the version that it prefers. */
export async function discoverPreferred(client: Client, signal?: AbortSignal): Promise<ApiResource[]> {
  const preferred = new Map<string, ApiResource>();
  for (const resource of await discover(client, signal)) {
    const key = `${resource.group}/${resource.plural}`;
    if (!preferred.has(key)) preferred.set(key, resource);
  }
  return [...preferred.values()];
}

type Root = GroupDiscoveryList | { versions: string[] } | { groups: { versions: { groupVersion: string }[] }[] };

async function discoverRoot(client: Client, path: string, signal: AbortSignal | undefined): Promise<ApiResource[]> {
  const root = await client.request<Root>({ method: 'GET', path, accept: aggregated, signal });
  if ('items' in root) return fromAggregated(root);
  const groupVersions =
    'versions' in root ? root.versions : root.groups.flatMap(({ versions }) => versions.map((v) => v.groupVersion));
  const lists = await Promise.all(
    groupVersions.map(async (groupVersion) => {
      const answer = await client.request<{ resources: LegacyResource[] }>({
        method: 'GET',
        path: `${path}/${groupVersion}`,
        signal,
      });
      return fromLegacy(groupVersion, answer.resources);
    }),
  );
  return lists.flat();
}

function fromAggregated({ items }: GroupDiscoveryList): ApiResource[] {
  return items.flatMap(({ metadata, versions }) =>
    versions.flatMap(({ version, resources = [] }) =>
      resources.map(
        (found): ApiResource => ({
          group: metadata?.name ?? '',
          version,
          kind: found.responseKind?.kind ?? '',
          plural: found.resource,
          singular: found.singularResource ?? '',
          shortNames: found.shortNames ?? [],
          categories: found.categories ?? [],
          namespaced: found.scope === 'Namespaced',
          verbs: found.verbs,
          subresources: (found.subresources ?? []).map(({ subresource: name, verbs, responseKind }) => ({
            name,
            verbs,
            ...(responseKind?.kind && { kind: responseKind.kind }),
          })),
        }),
      ),
    ),
  );
}

function fromLegacy(groupVersion: string, resources: readonly LegacyResource[]): ApiResource[] {
  const [first = '', second] = groupVersion.split('/');
  const [group, version] = second === undefined ? ['', first] : [first, second];
  const parts = resources.filter(({ name }) => name.includes('/'));
  return resources
    .filter(({ name }) => !name.includes('/'))
    .map(
      (found): ApiResource => ({
        group,
        version,
        kind: found.kind,
        plural: found.name,
        singular: found.singularName,
        shortNames: found.shortNames ?? [],
        categories: found.categories ?? [],
        namespaced: found.namespaced,
        verbs: found.verbs,
        subresources: parts
          .filter(({ name }) => name.startsWith(`${found.name}/`))
          .map(({ name, verbs }): Subresource => ({ name: name.slice(found.name.length + 1), verbs })),
      }),
    );
}
