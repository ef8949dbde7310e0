import type { EndpointSlice, Endpoints, Service } from '@skiff/api/types';
import { addressType, type Endpoint } from '../endpointslice/endpoint.ts';
import type { EndpointPort } from '../endpointslice/ports.ts';
import {
  type EndpointGroup,
  planSliceWrites,
  type SliceWrites,
  triggerTimeAnnotation,
} from '../endpointslice/slice-writes.ts';
import { controllerReference } from '../ownership.ts';

export const mirroredBy = 'endpointslicemirroring-controller.k8s.io';

/** More addresses of one subset are not mirrored (KEP-752). */
const maxPerSubset = 1000;

/**
 * Whether these Endpoints are a user's own words about a Service: the Service exists and selects nothing, and nobody asked
 * for no mirror. Endpoints that hold a leader election are no endpoints at all.
 */
export function isMirrored(endpoints: Endpoints | undefined, service: Service | undefined): endpoints is Endpoints {
  if (!endpoints || !service || Object.keys(service.spec?.selector ?? {}).length > 0) return false;
  const { labels, annotations, deletionTimestamp } = endpoints.metadata;
  return (
    deletionTimestamp === undefined &&
    labels?.['endpointslice.kubernetes.io/skip-mirror'] !== 'true' &&
    annotations?.['control-plane.alpha.kubernetes.io/leader'] === undefined
  );
}

/** What to write so that the mirrored slices say what the Endpoints say. */
export function planMirror(endpoints: Endpoints, slices: readonly EndpointSlice[]): SliceWrites {
  const groups = (endpoints.subsets ?? []).flatMap(groupsOf);
  const { name, namespace, labels } = endpoints.metadata;
  const {
    [triggerTimeAnnotation]: triggerTime,
    'kubectl.kubernetes.io/last-applied-configuration': _,
    ...annotations
  } = endpoints.metadata.annotations ?? {};
  const writes = planSliceWrites(slices, merged(groups), {
    metadata: {
      generateName: `${name}-`,
      ...(namespace && { namespace }),
      labels: {
        ...labels,
        'kubernetes.io/service-name': name,
        'endpointslice.kubernetes.io/managed-by': mirroredBy,
      },
      annotations,
      ownerReferences: [controllerReference(endpoints)],
    },
    placeholders: [],
    triggerTime,
  });
  return { ...writes, update: writes.update.map(withoutGenerateName) };
}

function groupsOf(subset: NonNullable<Endpoints['subsets']>[number]): EndpointGroup[] {
  const ports: EndpointPort[] = (subset.ports ?? []).map(({ name = '', protocol = 'TCP', port, appProtocol }) => ({
    name,
    protocol,
    port,
    ...(appProtocol && { appProtocol }),
  }));
  const ready = (subset.addresses ?? []).map((address) => endpointOf(address, true));
  const notReady = (subset.notReadyAddresses ?? []).map((address) => endpointOf(address, false));
  const all = [...ready, ...notReady].slice(0, maxPerSubset);
  const byType = Map.groupBy(all, (endpoint) => addressType(endpoint.addresses[0] ?? ''));
  return [...byType].map(([type, endpoints]) => ({ addressType: type, ports, endpoints }));
}

type Address = NonNullable<NonNullable<Endpoints['subsets']>[number]['addresses']>[number];

function endpointOf({ ip, hostname, nodeName, targetRef }: Address, ready: boolean): Endpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname && { hostname }),
    ...(targetRef && { targetRef }),
    ...(nodeName && { nodeName }),
  };
}

/** Subsets with the same ports share their slices. */
function merged(groups: readonly EndpointGroup[]): EndpointGroup[] {
  const byKey = Map.groupBy(groups, ({ addressType: type, ports }) => JSON.stringify([type, ports]));
  return [...byKey.values()].flatMap(([first, ...others]) =>
    first ? [{ ...first, endpoints: [first, ...others].flatMap(({ endpoints }) => endpoints) }] : [],
  );
}

/** Kubernetes writes mirrors anew under their name, so that only a fresh one shows `generateName`. */
function withoutGenerateName(slice: EndpointSlice): EndpointSlice {
  const { generateName: _, ...metadata } = slice.metadata;
  return { ...slice, metadata };
}
