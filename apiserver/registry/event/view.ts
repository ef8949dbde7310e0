import type { KubeObject } from '@skiff/api/meta';
import type { Event } from '@skiff/api/types';
import type { Strategy } from '../strategy.ts';
import { type Conversion, viewStrategy } from '../views/view.ts';
import { eventsName } from './conversion.ts';
import { validateEvent, validateEventUpdate, validateNewEvent } from './validation.ts';

/** Events of `events.k8s.io/v1`, which is stricter than the core group, and in whose terms clients select. */
export function eventViewStrategy(stored: Strategy, conversion: Conversion): Strategy {
  // What comes out of the conversion is an Event of the core group.
  const event = (object: KubeObject): Event => conversion.toStored(structuredClone(object)) as unknown as Event;
  const fields = Object.entries(stored.fields ?? {}).filter(([name]) => name !== 'source');
  return {
    ...viewStrategy(stored, conversion),
    validate: (object) => validateEvent(event(object), 'reportingController'),
    validateCreate: (object) => validateNewEvent(event(object)),
    validateUpdate: (object, old) => validateEventUpdate(event(object), event(old)),
    fields: Object.fromEntries(
      fields.map(([name, read]) => [
        eventsName(name),
        (object: KubeObject) => read(conversion.toStored(structuredClone(object))),
      ]),
    ),
  };
}
