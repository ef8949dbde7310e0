import { isDeepStrictEqual } from 'node:util';
import type { ObjectMeta } from '@skiff/api/meta';
import type { EndpointSlice } from '@skiff/api/types';
import type { Endpoint } from './endpoint.ts';
import { packEndpoints } from './packing.ts';
import { type EndpointPort, inSliceOrder, portsKey } from './ports.ts';

/** A slice that is to be created: the server gives it its name. */
export type NewSlice = Omit<EndpointSlice, 'metadata'> & { metadata: ObjectMeta };

/** What has to be written so that the slices of one owner are as wanted. */
export interface SliceWrites {
  readonly create: NewSlice[];
  readonly update: EndpointSlice[];
  readonly delete: EndpointSlice[];
}

/** Endpoints that share their ports and address type, and therefore slices. */
export interface EndpointGroup {
  readonly addressType: string;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

export interface SliceFrame {
  /** The metadata of a new slice. Its labels, and its annotations where given, are those of all slices of the owner. */
  readonly metadata: ObjectMeta & { labels: Record<string, string> };
  /** Address types that have a slice without endpoints where there is nothing else. */
  readonly placeholders: readonly string[];
  /** Put into the annotation below on what is written; absent removes it. */
  readonly triggerTime?: string | undefined;
  readonly max?: number;
}

export const triggerTimeAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time';
const reservedLabels = [
  'kubernetes.io/service-name',
  'endpointslice.kubernetes.io/managed-by',
  'service.kubernetes.io/headless',
];

/** Labels of the owner that its slices take over: all but those which the controllers own. */
export function inheritedLabels(labels: Record<string, string> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(labels ?? {}).filter(([key]) => !reservedLabels.includes(key)));
}

/** Compares `existing`, the owner's own slices, with the endpoints that there should be. */
export function planSliceWrites(
  existing: readonly EndpointSlice[],
  groups: readonly EndpointGroup[],
  frame: SliceFrame,
): SliceWrites {
  const groupKey = (type: string, ports: readonly EndpointPort[] | null | undefined): string =>
    `${type} ${portsKey(ports)}`;
  const byGroup = Map.groupBy(existing, (slice) => groupKey(slice.addressType, slice.ports));
  const create: NewSlice[] = [];
  const update: EndpointSlice[] = [];
  let obsolete: EndpointSlice[] = [];

  for (const { addressType, ports, endpoints } of groups) {
    const key = groupKey(addressType, ports);
    const slices = byGroup.get(key) ?? [];
    byGroup.delete(key);
    const { changed, emptied, added } = packEndpoints(slices, endpoints, frame.max);
    obsolete.push(...emptied);
    for (const slice of slices) {
      if (emptied.includes(slice)) continue;
      const list = changed.get(slice);
      if (list || !isLabelled(slice, frame)) update.push(rewritten(slice, list ?? slice.endpoints ?? [], frame));
    }
    for (const list of added) create.push(newSlice({ addressType, ports, endpoints: list }, frame));
  }
  for (const slices of byGroup.values()) obsolete.push(...slices);

  for (const addressType of frame.placeholders) {
    const stays = (slice: EndpointSlice): boolean => slice.addressType === addressType && !obsolete.includes(slice);
    if (existing.some(stays) || create.some((slice) => slice.addressType === addressType)) continue;
    const empty = obsolete.find(
      (slice) => slice.addressType === addressType && isEmpty(slice) && isLabelled(slice, frame),
    );
    if (empty) obsolete = obsolete.filter((slice) => slice !== empty);
    else create.push(newSlice({ addressType, ports: [], endpoints: [] }, frame));
  }
  return reuseObsolete({ create, update, delete: obsolete }, frame);
}

/** Turns a deletion plus a creation into one update, which keeps the number of slices and of writes small. */
function reuseObsolete(writes: SliceWrites, frame: SliceFrame): SliceWrites {
  const create: NewSlice[] = [];
  const update = [...writes.update];
  const obsolete = [...writes.delete];
  for (const slice of writes.create) {
    const index = obsolete.findIndex((candidate) => candidate.addressType === slice.addressType);
    const [reused] = index < 0 ? [] : obsolete.splice(index, 1);
    if (reused) update.push({ ...rewritten(reused, slice.endpoints ?? [], frame), ports: slice.ports ?? [] });
    else create.push(slice);
  }
  return { create, update, delete: obsolete };
}

const isEmpty = (slice: EndpointSlice): boolean => !slice.endpoints?.length && !slice.ports?.length;
const isLabelled = ({ metadata }: EndpointSlice, frame: SliceFrame): boolean =>
  isDeepStrictEqual({ ...metadata.labels }, frame.metadata.labels) &&
  (!frame.metadata.annotations ||
    isDeepStrictEqual(withTriggerTime(metadata, undefined).annotations, frame.metadata.annotations));

function newSlice(group: EndpointGroup, frame: SliceFrame): NewSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: withTriggerTime(frame.metadata, frame.triggerTime),
    addressType: group.addressType,
    ports: inSliceOrder(group.ports),
    endpoints: [...group.endpoints],
  };
}

function rewritten(slice: EndpointSlice, endpoints: readonly Endpoint[], frame: SliceFrame): EndpointSlice {
  const { labels, annotations = slice.metadata.annotations } = frame.metadata;
  const metadata = { ...slice.metadata, labels, ...(annotations && { annotations }) };
  return { ...slice, metadata: withTriggerTime(metadata, frame.triggerTime), endpoints: [...endpoints] };
}

function withTriggerTime<Meta extends ObjectMeta>(metadata: Meta, time: string | undefined): Meta {
  const { [triggerTimeAnnotation]: _, ...annotations } = metadata.annotations ?? {};
  if (time) annotations[triggerTimeAnnotation] = time;
  return { ...metadata, annotations };
}
