import { inAll, type Row, status } from './row.ts';

/** Kinds whose objects are those of another kind of the table, served in another form. */
export interface ViewRow extends Row {
  readonly group: string;
  /** The kind in whose form they are stored. */
  readonly of: string;
}

export const viewRows: readonly ViewRow[] = [
  {
    group: 'events.k8s.io',
    kind: 'Event',
    plural: 'events',
    shortNames: ['ev'],
    model: 'EventsV1Event',
    of: 'Event',
  },
  {
    group: 'autoscaling',
    kind: 'HorizontalPodAutoscaler',
    plural: 'horizontalpodautoscalers',
    shortNames: ['hpa'],
    ...inAll,
    subresources: [status],
    model: 'V1HorizontalPodAutoscaler',
    of: 'HorizontalPodAutoscaler',
  },
];
