import type { Clock } from '@skiff/api/clock';
import { apiVersionOf } from '@skiff/api/kinds';
import type { KubeObject } from '@skiff/api/meta';
import type { Status } from '@skiff/api/status';
import type { Format } from '../http/negotiation.ts';
import type { Registry } from '../registry/registry.ts';
import type { Revision } from '../storage/store.ts';
import { type IncludeObject, partialObject, toTable } from '../table/table.ts';
import type { Cached } from '../watch/cached.ts';
import { type EventType, frameOf } from '../watch/event.ts';

/** Writes the events of one watch in the form that its client asked for. */
export class WatchFrames {
  readonly #registry: Registry;
  readonly #format: Format;
  readonly #include: IncludeObject;
  readonly #clock: Clock;
  /** A table's columns go out once. */
  #columns = true;

  constructor(registry: Registry, options: { format: Format; include: IncludeObject; clock: Clock }) {
    this.#clock = options.clock;
    this.#registry = registry;
    this.#format = options.format;
    this.#include = options.include;
  }

  /** Whether events go out as the objects that they are: then their frames are shared among watchers. */
  get plain(): boolean {
    return this.#format.as === 'object';
  }

  event(type: EventType, cached: Cached): string {
    if (this.#format.as === 'object') return frameOf(type, cached);
    const { object } = cached;
    return JSON.stringify({ type, object: this.#viewOf(object) });
  }

  /** The form that a view gives an object. */
  #viewOf(object: KubeObject): object {
    const { as, version } = this.#format;
    if (as === 'partial') return partialObject(object, version);
    const { resourceVersion } = object.metadata;
    const table = toTable(this.#registry.form.printer, [object], {
      ...{ metadata: { resourceVersion }, include: this.#include, version },
      now: new Date(this.#clock.now()),
      columns: this.#columns,
    });
    this.#columns = false;
    return table;
  }

  /** Where the watch is: from here it can be resumed. `initial` ends the events that a watch list begins with. */
  bookmark(revision: Revision, options: { initial?: boolean } = {}): string {
    const annotations = options.initial ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
    const metadata = { resourceVersion: String(revision), ...annotations };
    return JSON.stringify({ type: 'BOOKMARK', object: this.#bookmarkObject(metadata) });
  }

  #bookmarkObject(metadata: object): object {
    const { kind, form } = this.#registry;
    const object = { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata };
    if (this.plain) return object;
    // As upstream, where a bookmark is an empty object of the kind, with a row like any other.
    form.shape.normalize(object);
    // Its name is there to be read, and not written.
    object.metadata = Object.assign(Object.create({ name: '' }), metadata);
    return this.#viewOf(object as KubeObject); // which it is by now
  }
}

/** An event that ends a watch. */
export const errorFrame = (status: Status): string => JSON.stringify({ type: 'ERROR', object: status });
