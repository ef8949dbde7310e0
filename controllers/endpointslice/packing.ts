import { isDeepStrictEqual } from 'node:util';
import type { EndpointSlice } from '@skiff/api/types';
import type { Endpoint } from './endpoint.ts';

/** The default of kube-controller-manager's `--max-endpoints-per-slice`. */
export const maxEndpointsPerSlice = 100;

/** Which lists of endpoints change: existing slices get new lists or go, the rest are lists for new slices. */
export interface Packing {
  readonly changed: ReadonlyMap<EndpointSlice, Endpoint[]>;
  readonly emptied: readonly EndpointSlice[];
  readonly added: readonly Endpoint[][];
}

/** What makes an endpoint the same one before and after a change. */
export function endpointKey(endpoint: Endpoint): string {
  const { addresses, hostname, targetRef } = endpoint;
  return JSON.stringify([addresses, hostname, targetRef?.kind, targetRef?.namespace, targetRef?.name, targetRef?.uid]);
}

/**
 * Puts endpoints into slices with few writes: what is there stays where it is, new ones fill the slices that are written
 * anyway (fullest first), then one other slice with room for them all, and only then new slices.
 */
export function packEndpoints(
  existing: readonly EndpointSlice[],
  wanted: readonly Endpoint[],
  max = maxEndpointsPerSlice,
): Packing {
  const missing = new Map(wanted.map((endpoint) => [endpointKey(endpoint), endpoint]));
  const changed = new Map<EndpointSlice, Endpoint[]>();
  const emptied: EndpointSlice[] = [];
  const unchanged: { slice: EndpointSlice; endpoints: Endpoint[] }[] = [];

  for (const slice of existing) {
    const before = slice.endpoints ?? [];
    const kept: Endpoint[] = [];
    for (const endpoint of before) {
      const key = endpointKey(endpoint);
      const now = missing.get(key);
      if (now) kept.push(now);
      missing.delete(key);
    }
    if (kept.length === 0) emptied.push(slice);
    else if (isDeepStrictEqual(kept, before)) unchanged.push({ slice, endpoints: before });
    else changed.set(slice, kept);
  }

  const left = [...missing.values()];
  for (const list of [...changed.values()].sort((a, b) => b.length - a.length)) {
    list.push(...left.splice(0, max - list.length));
  }
  const roomy = unchanged
    .filter(({ endpoints }) => endpoints.length + left.length <= max)
    .sort((a, b) => b.endpoints.length - a.endpoints.length)[0];
  if (left.length > 0 && roomy) changed.set(roomy.slice, [...roomy.endpoints, ...left.splice(0)]);

  const added: Endpoint[][] = [];
  while (left.length > 0) added.push(left.splice(0, max));
  return { changed, emptied, added };
}
