import { isDeepStrictEqual } from 'node:util';
import { invalidBy, invalidValue, required } from '@skiff/api/causes';
import { qualifiedName } from '@skiff/api/names';
import type { StatusCause } from '@skiff/api/status';
import type { Event } from '@skiff/api/types';
import { validateImmutable } from '../immutable.ts';

const most = { text: 128, message: 1024 };

/** What lives in no namespace has its events in the default one. */
function validateNamespace({ metadata, involvedObject, eventTime }: Event): StatusCause[] {
  const namespace = involvedObject?.namespace ?? '';
  const own = metadata.namespace ?? '';
  const homeless = eventTime ? ['default', 'kube-system'] : ['default', ''];
  if (namespace === '' ? homeless.includes(own) : namespace === own) return [];
  return [invalidValue('involvedObject.namespace', namespace, 'does not match event.namespace')];
}

/** The rules of Events in either group (upstream: legacyValidateEvent). `reporter` is what the group calls who reports. */
export function validateEvent(event: Event, reporter: 'reportingComponent' | 'reportingController'): StatusCause[] {
  const causes = validateNamespace(event);
  const { eventTime, reportingComponent, reportingInstance, action, reason, message } = event;
  if (!eventTime) return causes;
  if (!reportingComponent) causes.push(required(reporter));
  causes.push(...invalidBy(qualifiedName, reporter, reportingComponent ?? ''));
  for (const [field, text] of Object.entries({ reportingInstance, action, reason })) {
    if (!text) causes.push(required(field));
    else if (text.length > most.text) causes.push(invalidValue(field, '', `can have at most ${most.text} characters`));
  }
  if ((message?.length ?? 0) > most.message) {
    causes.push(invalidValue('message', '', `can have at most ${most.message} characters`));
  }
  return causes;
}

function validateSeries({ series }: Event): StatusCause[] {
  if (!series) return [];
  const causes: StatusCause[] = [];
  if ((series.count ?? 0) < 2) causes.push(invalidValue('series.count', '', 'should be at least 2'));
  if (!series.lastObservedTime) causes.push(required('series.lastObservedTime'));
  return causes;
}

/** What `events.k8s.io/v1` asks of new Events: their fields of old are empty (upstream: ValidateEventCreate). */
export function validateNewEvent(event: Event): StatusCause[] {
  const { eventTime, type, firstTimestamp, lastTimestamp, count, source } = event;
  const causes = validateSeries(event);
  if (!eventTime) causes.push(required('eventTime'));
  if (type !== 'Normal' && type !== 'Warning') {
    causes.push(invalidValue('type', '', `has invalid value: ${type ?? ''}`));
  }
  const old = { firstTimestamp, lastTimestamp, count, source: source?.component || source?.host };
  for (const [field, value] of Object.entries(old)) {
    if (value) causes.push(invalidValue(field, '', 'needs to be unset'));
  }
  return causes;
}

const immutable = [
  'involvedObject',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  'type',
  'eventTime',
  'action',
  'related',
  'reportingInstance',
] as const;

/** In `events.k8s.io/v1` only the series of an Event goes on (upstream: ValidateEventUpdate). */
export function validateEventUpdate(event: Event, old: Event): StatusCause[] {
  return [
    ...(isDeepStrictEqual(event.series, old.series) ? [] : validateSeries(event)),
    ...immutable.flatMap((field) => validateImmutable(event[field], old[field], field)),
    ...validateImmutable(event.reportingComponent, old.reportingComponent, 'reportingController'),
  ];
}
