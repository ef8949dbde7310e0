import type { KubeObject } from '@skiff/api/meta';
import type { Conversion } from '../views/view.ts';

/** What `events.k8s.io/v1` calls otherwise than the core group (upstream: pkg/apis/events/v1/conversion.go). */
const names: readonly (readonly [core: string, events: string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['reportingComponent', 'reportingController'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
];
const toEvents = new Map(names);
const toCore = new Map(names.map(([core, events]) => [events, core]));

const renamed = (object: KubeObject, by: ReadonlyMap<string, string>): KubeObject => {
  const { apiVersion, kind, metadata, ...fields } = object;
  const entries = Object.entries(fields).map(([name, value]) => [by.get(name) ?? name, value]);
  return { apiVersion, kind, metadata, ...Object.fromEntries(entries) };
};

export const eventConversion: Conversion = {
  toStored: (object) => renamed(object, toCore),
  fromStored: (object) => renamed(object, toEvents),
};

/** The name of a field of an Event as `events.k8s.io/v1` has it: `regarding.name`. */
export function eventsName(field: string): string {
  const [first = '', ...rest] = field.split('.');
  return [toEvents.get(first) ?? first, ...rest].join('.');
}
