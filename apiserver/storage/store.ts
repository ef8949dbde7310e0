/**
 * The truth: an ordered log of objects. Keys are `group/plural/namespace/name` (`core` for the core group, an empty namespace
 * for cluster-scoped kinds). Values are JSON objects without `metadata.resourceVersion`, which is the revision.
 * Contract suite: contract.ts in this folder, run on every implementation.
 */
export interface Store {
  /** Stores a new object. Rejects {@link KeyExists}. Resolves when the write is on disk. */
  create(key: string, value: Encoded): Promise<Entry>;
  /** Replaces the object if its revision is still `expected`. Rejects {@link RevisionConflict}. Resolves when it is on disk. */
  update(key: string, expected: Revision, value: Encoded): Promise<Entry>;
  /** Deletes the object if its revision is still `expected`; `value` is its last state, for the watchers. Resolves when it is on disk. */
  delete(key: string, expected: Revision, value: Encoded): Promise<Entry>;
  /** What was there at one revision, in key order: now, or `at` a past one. Throws {@link Compacted} or {@link FutureRevision}. */
  list(prefix: string, options?: { at?: Revision; limit?: number; after?: string }): Page;
  /**
   * Every change under a prefix after a revision, in revision order, no gap, none twice. Throws {@link Compacted} where the
   * history does not reach back that far, and later when the reader falls behind by more than the store keeps for it.
   * Ends when the signal aborts or the store closes.
   */
  watch(prefix: string, options: { after: Revision; signal: AbortSignal }): AsyncIterable<Change>;
  /**
   * The changes that history keeps under a prefix, after a revision (and up to `until`), in revision order, without waiting for
   * new ones. Throws {@link Compacted}.
   */
  changes(prefix: string, options: { after: Revision; until?: Revision; limit?: number }): readonly Change[];
  /** The revision of the last committed write. */
  readonly revision: Revision;
  /** The whole state with its history, as an image that a store can be opened from. */
  snapshot(): Promise<Uint8Array>;
  /** Waits for the writes under way, then closes. */
  close(): Promise<void>;
}

/** Counts the writes of a store from 1. It is the `resourceVersion` that clients see. */
export type Revision = number;
/** A JSON text. */
export type Encoded = string;

export interface Entry {
  readonly key: string;
  readonly value: Encoded;
  readonly revision: Revision;
}

export interface Page {
  readonly entries: readonly Entry[];
  /** The revision that the page shows. */
  readonly revision: Revision;
  /** Whether more keys follow the last one. */
  readonly more: boolean;
}

export interface Change extends Entry {
  readonly type: 'create' | 'update' | 'delete';
  /** What was there before; absent on a create. */
  readonly previous?: Entry;
}

/** The key is taken. Carries what is there. */
export class KeyExists extends Error {
  override readonly name = 'KeyExists';
  readonly current: Entry;
  constructor(current: Entry) {
    super(`key "${current.key}" exists at revision ${current.revision}`);
    this.current = current;
  }
}

/** The object changed or went away since it was read. Carries what is there now, if anything. */
export class RevisionConflict extends Error {
  override readonly name = 'RevisionConflict';
  readonly current: Entry | undefined;
  constructor(key: string, expected: Revision, current: Entry | undefined) {
    super(`key "${key}" is ${current ? `at revision ${current.revision}` : 'gone'}, not at ${expected}`);
    this.current = current;
  }
}

/** The history before `oldest` is no longer kept. */
export class Compacted extends Error {
  override readonly name = 'Compacted';
  readonly oldest: Revision;
  constructor(asked: Revision, oldest: Revision) {
    super(`revision ${asked} is too old: the history begins at ${oldest}`);
    this.oldest = oldest;
  }
}

/** The revision has not happened yet. */
export class FutureRevision extends Error {
  override readonly name = 'FutureRevision';
  readonly current: Revision;
  constructor(asked: Revision, current: Revision) {
    super(`revision ${asked} is in the future: the last is ${current}`);
    this.current = current;
  }
}
