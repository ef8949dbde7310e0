import type { NodePod } from './types.ts';

/** Addresses that the API server may not have heard of yet. */
export interface PodAddresses {
  readonly podIP: string;
  readonly hostIP: string;
}

const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/;

/** What a `fieldRef` means (API reference, "ObjectFieldSelector"). Throws where there is no such field. */
export function fieldValue(pod: NodePod, path: string, addresses: PodAddresses): string {
  const { metadata, spec } = pod;
  const [, map, key = ''] = subscript.exec(path) ?? [];
  if (map === 'labels' || map === 'annotations') return metadata[map]?.[key] ?? '';
  switch (path) {
    case 'metadata.name':
      return metadata.name;
    case 'metadata.namespace':
      return metadata.namespace;
    case 'metadata.uid':
      return metadata.uid;
    case 'metadata.labels':
    case 'metadata.annotations':
      return formatMap(metadata[path === 'metadata.labels' ? 'labels' : 'annotations'] ?? {});
    case 'spec.nodeName':
      return spec.nodeName ?? '';
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? '';
    case 'status.hostIP':
    case 'status.hostIPs':
      return addresses.hostIP;
    case 'status.podIP':
    case 'status.podIPs':
      return addresses.podIP;
    default:
      throw new Error(`unsupported fieldPath: ${path}`);
  }
}

/** A line for each, sorted, values quoted as Go does: what a downwardAPI volume holds. */
function formatMap(map: Readonly<Record<string, string>>): string {
  return Object.entries(map)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join('\n');
}
