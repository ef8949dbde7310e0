import type { Clock } from '@skiff/api/clock';
import { apiVersionOf } from '@skiff/api/kinds';
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
  readonly #as: Format['as'];
  readonly #include: IncludeObject;
  readonly #clock: Clock;
  /** A table's columns go out once. */
  #columns = true;

  constructor(registry: Registry, options: { as: Format['as']; include: IncludeObject; clock: Clock }) {
    this.#clock = options.clock;
    this.#registry = registry;
    this.#as = options.as;
    this.#include = options.include;
  }

  /** Whether events go out as the objects that they are: then their frames are shared among watchers. */
  get plain(): boolean {
    return this.#as === 'object';
  }

  event(type: EventType, cached: Cached): string {
    if (this.#as === 'object') return frameOf(type, cached);
    const { object } = cached;
    if (this.#as === 'partial') return JSON.stringify({ type, object: partialObject(object) });
    const { resourceVersion } = object.metadata;
    const table = toTable(this.#registry.form.printer, [object], {
      metadata: { resourceVersion },
      include: this.#include,
      now: new Date(this.#clock.now()),
      columns: this.#columns,
    });
    this.#columns = false;
    return JSON.stringify({ type, object: table });
  }

  /** Where the watch is: from here it can be resumed. `initial` ends the events that a watch list begins with. */
  bookmark(revision: Revision, options: { initial?: boolean } = {}): string {
    const annotations = options.initial ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
    const metadata = { resourceVersion: String(revision), ...annotations };
    return JSON.stringify({ type: 'BOOKMARK', object: this.#bookmarkObject(metadata) });
  }

  #bookmarkObject(metadata: object): object {
    if (this.#as === 'partial') return partialObject({ metadata });
    const { kind } = this.#registry;
    const object = { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata };
    if (this.#as === 'object') return object;
    const columns = this.#columns;
    this.#columns = false;
    const table = toTable(this.#registry.form.printer, [], {
      metadata,
      include: this.#include,
      now: new Date(this.#clock.now()),
      columns,
    });
    // Clients of tables read a bookmark from its row.
    return { ...table, rows: [{ cells: [], object: partialObject({ metadata }) }] };
  }
}

/** An event that ends a watch. */
export const errorFrame = (status: Status): string => JSON.stringify({ type: 'ERROR', object: status });
