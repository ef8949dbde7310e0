import type { EndpointSlice } from '@skiff/api/types';
import type { EndpointAddress } from './proxier.ts';

type Endpoint = NonNullable<EndpointSlice['endpoints']>[number];

/** Where a node is, for Services that prefer near endpoints. */
export interface Place {
  readonly nodeName: string;
  /** The node's label topology.kubernetes.io/zone. */
  readonly zone?: string | undefined;
}

/** An endpoint of one port of a Service, whether or not it is of use now. */
export interface Candidate {
  readonly address: EndpointAddress;
  readonly ready: boolean;
  /** Of use while nothing is ready: it still answers, on its way out. */
  readonly servingTerminating: boolean;
  /** The nodes and zones that it is meant for (KEP-2433, KEP-3015). */
  readonly nodes: readonly string[];
  readonly zones: readonly string[];
}

/** Every endpoint of the port with an address. An endpoint in two slices counts once, as the better of both. */
export function candidatesOf(
  port: { name?: string; protocol?: string },
  around: { slices: readonly EndpointSlice[]; nodeName: string },
): Candidate[] {
  const found = new Map<string, Candidate>();
  for (const slice of around.slices) {
    const target = slice.ports?.find(
      ({ name, protocol }) => (name ?? '') === (port.name ?? '') && (protocol ?? 'TCP') === (port.protocol ?? 'TCP'),
    );
    if (target?.port === undefined) continue;
    for (const endpoint of slice.endpoints ?? []) {
      const ip = endpoint.addresses[0];
      if (ip === undefined) continue;
      const address = { ip, port: target.port, local: endpoint.nodeName === around.nodeName };
      const key = `${ip}:${target.port}`;
      if (found.get(key)?.ready !== true) found.set(key, { address, ...conditions(endpoint), ...hints(endpoint) });
    }
  }
  return [...found.values()].sort((a, b) => compare(a.address, b.address));
}

/** The ready ones; where there are none, those that still serve while they terminate. */
export function usable(candidates: readonly Candidate[]): EndpointAddress[] {
  const ready = candidates.filter(({ ready }) => ready);
  const chosen = ready.length > 0 ? ready : candidates.filter(({ servingTerminating }) => servingTerminating);
  return chosen.map(({ address }) => address);
}

/**
 * Those that are meant for this node, else those for its zone, else all. Hints count only where every ready endpoint has them, and not
 * for endpoints that terminate: then any that answers will do. As kube-proxy.
 */
export function nearest(candidates: readonly Candidate[], { nodeName, zone }: Place): readonly Candidate[] {
  const ready = candidates.filter(({ ready }) => ready);
  if (ready.every(({ nodes }) => nodes.length > 0)) {
    const near = ready.filter(({ nodes }) => nodes.includes(nodeName));
    if (near.length > 0) return near;
  }
  if (zone !== undefined && ready.every(({ zones }) => zones.length > 0)) {
    const near = ready.filter(({ zones }) => zones.includes(zone));
    if (near.length > 0) return near;
  }
  return candidates;
}

/** A missing `ready` or `serving` means yes, as the API says. */
function conditions({ conditions }: Endpoint): { ready: boolean; servingTerminating: boolean } {
  const ready = conditions?.ready ?? true;
  return { ready, servingTerminating: (conditions?.serving ?? ready) && conditions?.terminating === true };
}

function hints({ hints }: Endpoint): { nodes: string[]; zones: string[] } {
  return {
    nodes: (hints?.forNodes ?? []).map(({ name }) => name),
    zones: (hints?.forZones ?? []).map(({ name }) => name),
  };
}

function compare(a: EndpointAddress, b: EndpointAddress): number {
  if (a.ip !== b.ip) return a.ip < b.ip ? -1 : 1;
  return a.port - b.port;
}
