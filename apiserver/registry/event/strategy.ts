import type { Event } from '@skiff/api/types';
import { defineStrategy } from '../define-strategy.ts';
import { validateEvent } from './validation.ts';

const about =
  (field: keyof Event['involvedObject']) =>
  ({ involvedObject }: Event): string =>
    involvedObject?.[field] ?? '';

/** Events (upstream: pkg/registry/core/event). */
export const eventStrategy = defineStrategy<Event>({
  updateCreates: true,
  fields: {
    'involvedObject.kind': about('kind'),
    'involvedObject.namespace': about('namespace'),
    'involvedObject.name': about('name'),
    'involvedObject.uid': about('uid'),
    'involvedObject.apiVersion': about('apiVersion'),
    'involvedObject.resourceVersion': about('resourceVersion'),
    'involvedObject.fieldPath': about('fieldPath'),
    reason: ({ reason }) => reason ?? '',
    reportingComponent: ({ reportingComponent }) => reportingComponent ?? '',
    source: ({ source, reportingComponent }) => source?.component || reportingComponent || '',
    type: ({ type }) => type ?? '',
  },
  validate: (event) => validateEvent(event, 'reportingComponent'),
});
