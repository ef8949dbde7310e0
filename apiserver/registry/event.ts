import { invalidValue } from '@skiff/api/causes';
import type { Event } from '@skiff/api/types';
import { defineStrategy } from './define-strategy.ts';

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
  validate({ metadata, involvedObject }) {
    const namespace = involvedObject?.namespace ?? '';
    // What lives in no namespace has its events in the default one.
    const expected = namespace === '' ? ['default', 'kube-system'] : [namespace];
    if (expected.includes(metadata.namespace ?? '')) return [];
    return [invalidValue('involvedObject.namespace', namespace, 'does not match event.namespace')];
  },
});
