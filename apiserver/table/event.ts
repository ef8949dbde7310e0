import type { Event } from '@skiff/api/types';
import { ageOf } from './age.ts';
import { type Cell, column, wide } from './columns.ts';

export const columns = [
  column('Last Seen'),
  column('Type'),
  column('Reason'),
  column('Object'),
  wide('Subobject'),
  wide('Source'),
  column('Message'),
  wide('First Seen'),
  wide('Count'),
  { ...wide('Name'), format: 'name' },
];

export function cells(event: Event, now: Date): Cell[] {
  const first = ageOf(event.firstTimestamp || event.eventTime, now);
  const last = event.series
    ? ageOf(event.series.lastObservedTime, now)
    : event.lastTimestamp
      ? ageOf(event.lastTimestamp, now)
      : first;
  const { kind = '', name, fieldPath } = event.involvedObject;
  const component = event.source?.component || event.reportingComponent || '';
  const instance = event.source?.host || event.reportingInstance;
  return [
    last,
    event.type ?? '',
    event.reason ?? '',
    name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase(),
    fieldPath ?? '',
    instance ? `${component}, ${instance}` : component,
    (event.message ?? '').trim(),
    first,
    event.series?.count ?? (event.count || 1),
    event.metadata.name,
  ];
}
