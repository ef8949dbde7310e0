import { type Clock, systemClock } from '@skiff/api/clock';
import type { Event } from '@skiff/api/types';
import type { Client } from './client.ts';
import { EventCorrelator } from './event-correlator.ts';
import type { Identified, New } from './resource.ts';

/** Repeats of one text about one object become one Event with a count; so many texts are remembered. */
const remembered = 1024;

/** What an Event is about: an object, or a part of it. */
export interface EventSubject extends Identified {
  /** `spec.containers{web}`. */
  readonly fieldPath?: string;
}

/**
 * Tells people what happened to an object (API reference, "Event v1 core"). Never throws and never holds anybody up: an
 * event that can't be written is lost.
 */
export class EventRecorder {
  readonly #client: Client;
  readonly #source: { component: string; host?: string };
  readonly #clock: Clock;
  readonly #seen = new Map<string, { name: string; namespace: string; count: number }>();
  readonly #correlator = new EventCorrelator();
  #tail: Promise<void> = Promise.resolve();

  constructor(client: Client, options: { component: string; host?: string; clock?: Clock | undefined }) {
    const { clock = systemClock, ...source } = options;
    this.#client = client;
    this.#source = source;
    this.#clock = clock;
  }

  event(about: EventSubject, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const text = message.slice(0, 1024);
    this.#tail = this.#tail.then(() => this.#write(about, type, reason, text)).catch(() => undefined);
  }

  /** Resolves when what was told so far is written. */
  flush(): Promise<void> {
    return this.#tail;
  }

  async #write(about: EventSubject, type: string, reason: string, text: string): Promise<void> {
    const { uid, name } = about.metadata;
    const now = new Date(this.#clock.now());
    const wire = now.toISOString().replace(/\.\d+Z$/, 'Z');
    const object = [uid, about.kind, about.metadata.namespace, name].join('\0');
    const correlated = this.#correlator.correlate({
      about: object,
      part: about.fieldPath,
      type,
      reason,
      message: text,
    });
    if (!correlated) return;
    const { key, message } = correlated;
    const seen = this.#seen.get(key);
    const events = this.#client.resource('Event');
    if (seen) {
      // The one told last is the last to be forgotten.
      this.#seen.delete(key);
      this.#seen.set(key, seen);
      seen.count += 1;
      const written = await events
        .patch(seen, { count: seen.count, lastTimestamp: wire, message })
        .catch(() => undefined);
      if (written) return;
    }
    const namespace = about.metadata.namespace ?? 'default';
    const suffix = (now.getTime() * 1_000_000 + Math.floor(Math.random() * 1_000_000)).toString(16);
    const event: New<Event> = {
      metadata: { name: `${name}.${suffix}`, namespace },
      involvedObject: {
        apiVersion: about.apiVersion,
        kind: about.kind,
        name,
        ...(about.metadata.namespace && { namespace: about.metadata.namespace }),
        ...(uid && { uid }),
        ...(about.fieldPath && { fieldPath: about.fieldPath }),
        ...(about.metadata.resourceVersion && { resourceVersion: about.metadata.resourceVersion }),
      },
      type,
      reason,
      message,
      count: 1,
      firstTimestamp: wire,
      lastTimestamp: wire,
      source: this.#source,
      reportingComponent: this.#source.component,
      reportingInstance: this.#source.host ?? '',
    };
    const created = await events.create(event);
    this.#seen.set(key, { name: created.metadata.name, namespace, count: 1 });
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > remembered && oldest !== undefined) this.#seen.delete(oldest);
  }
}
