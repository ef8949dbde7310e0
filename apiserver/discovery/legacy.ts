import { apiVersionOf, type Kind } from '@skiff/api/kinds';
import { apiResources, type GroupVersion, groupVersions } from './resources.ts';

/** `APIVersions`: the answer of `/api`. */
export function apiVersions(serverAddress: string): object {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  };
}

interface Version {
  groupVersion: string;
  version: string;
}

interface ApiGroup {
  name: string;
  versions: Version[];
  preferredVersion: Version;
}

function groups(kinds: readonly Kind[]): ApiGroup[] {
  const found = new Map<string, ApiGroup>();
  for (const { group, version } of groupVersions(kinds)) {
    if (group === '') continue;
    const entry = { groupVersion: apiVersionOf({ group, version }), version };
    const known = found.get(group);
    if (known) known.versions.push(entry);
    else found.set(group, { name: group, versions: [entry], preferredVersion: entry });
  }
  return [...found.values()];
}

/** `APIGroupList`: the answer of `/apis`. */
export function apiGroupList(kinds: readonly Kind[]): object {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups(kinds) };
}

/** `APIGroup`: the answer of `/apis/GROUP`. */
export function apiGroup(name: string, kinds: readonly Kind[]): object | undefined {
  const found = groups(kinds).find((group) => group.name === name);
  return found && { kind: 'APIGroup', apiVersion: 'v1', ...found };
}

/** `APIResourceList`: the answer of `/api/v1` and `/apis/GROUP/VERSION`. */
export function apiResourceList(groupVersion: GroupVersion): object {
  return {
    kind: 'APIResourceList',
    ...(groupVersion.group && { apiVersion: 'v1' }),
    groupVersion: apiVersionOf(groupVersion),
    resources: apiResources(groupVersion),
  };
}
