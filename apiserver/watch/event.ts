import type { Change, Encoded, Revision } from '../storage/store.ts';
import { Cached } from './cached.ts';

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

const types = { create: 'ADDED', update: 'MODIFIED', delete: 'DELETED' } as const;

/** One change of one object, shared by all watchers: what one of them has encoded is there for the others. */
export class CacheEvent {
  readonly type: EventType;
  readonly revision: Revision;
  /** The new state; for DELETED the last one, with the delete's revision as its resourceVersion. */
  readonly current: Cached;
  /** The state before; absent for ADDED. A watch with a selector compares the two. */
  readonly previous: Cached | undefined;
  #frame: Encoded | undefined;

  constructor(type: EventType, current: Cached, previous?: Cached) {
    this.type = type;
    this.revision = current.revision;
    this.current = current;
    this.previous = previous;
  }

  /** `previous` is the state that the cache holds already, which spares parsing it again. */
  static from(change: Change, previous?: Cached): CacheEvent {
    const before = previous ?? (change.previous && new Cached(change.previous));
    return new CacheEvent(types[change.type], new Cached(change), before);
  }

  /** The watch event as it goes over the wire: `{"type":"ADDED","object":{...}}`, without a line end. */
  frame(): Encoded {
    this.#frame ??= frameOf(this.type, this.current);
    return this.#frame;
  }
}

/** A watch event around an encoded object, for events that a selector turned into another type (it left or entered the selection). */
export function frameOf(type: EventType, { json }: { readonly json: Encoded }): Encoded {
  return `{"type":"${type}","object":${json}}`;
}
