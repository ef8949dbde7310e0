import { formatKey, keyOf, type ObjectKey } from '@skiff/api/meta';
import type { Identified } from './resource.ts';
import { isOlder } from './resource-version.ts';

export type Change<T> = { type: 'added' | 'updated' | 'deleted'; object: T; old?: T };

/** The values under which an object is found. */
export type Indexer<T> = (object: T) => readonly string[];

/** Objects by key and by index. Every write answers with the changes that it made. */
export class ObjectCache<T extends Identified> {
  readonly #objects = new Map<string, T>();
  readonly #indexes: ReadonlyMap<string, { indexer: Indexer<T>; keys: Map<string, Set<string>> }>;

  constructor(indexers: Readonly<Record<string, Indexer<T>>> = {}) {
    this.#indexes = new Map(
      Object.entries(indexers).map(([name, indexer]) => [name, { indexer, keys: new Map<string, Set<string>>() }]),
    );
  }

  get(key: ObjectKey): T | undefined {
    return this.#objects.get(formatKey(key));
  }

  values(): T[] {
    return [...this.#objects.values()];
  }

  /** Undefined where there is no such index. */
  byIndex(name: string, value: string): T[] | undefined {
    const index = this.#indexes.get(name);
    return index && [...(index.keys.get(value) ?? [])].flatMap((key) => this.#objects.get(key) ?? []);
  }

  /** A state that is known already, or older than the one known, changes nothing. */
  put(object: T): Change<T>[] {
    return this.#isStale(object) ? [] : this.#put(object);
  }

  /** One with another uid took the place of one that is gone. */
  #put(object: T): Change<T>[] {
    const key = formatKey(keyOf(object));
    const old = this.#objects.get(key);
    if (!old) {
      this.#set(key, object);
      return [{ type: 'added', object }];
    }
    if (old.metadata.uid !== object.metadata.uid) {
      const removed = this.#remove(old);
      this.#set(key, object);
      return [...removed, { type: 'added', object }];
    }
    if (old.metadata.resourceVersion === object.metadata.resourceVersion) return [];
    this.#index(key, old, 'delete');
    this.#set(key, object);
    return [{ type: 'updated', object, old }];
  }

  /** `last` is the object's last state, or the only one that is known. One that has come back since then stays. */
  remove(last: T): Change<T>[] {
    return this.#isStale(last) ? [] : this.#remove(last);
  }

  #remove(last: T): Change<T>[] {
    const key = formatKey(keyOf(last));
    const old = this.#objects.get(key);
    if (!old) return [];
    this.#objects.delete(key);
    this.#index(key, old, 'delete');
    return [{ type: 'deleted', object: last, old }];
  }

  /** Makes the content these objects, and nothing else, even where they are older. */
  *replace(objects: readonly T[]): Generator<Change<T>> {
    const stay = new Set(objects.map((object) => formatKey(keyOf(object))));
    for (const [key, old] of this.#objects) if (!stay.has(key)) yield* this.#remove(old);
    for (const object of objects) yield* this.#put(object);
  }

  #isStale(object: T): boolean {
    const known = this.#objects.get(formatKey(keyOf(object)));
    return isOlder(object.metadata.resourceVersion, known?.metadata.resourceVersion);
  }

  #set(key: string, object: T): void {
    this.#objects.set(key, object);
    this.#index(key, object, 'add');
  }

  #index(key: string, object: T, change: 'add' | 'delete'): void {
    for (const { indexer, keys } of this.#indexes.values()) {
      for (const value of indexer(object)) {
        const found = keys.get(value) ?? new Set();
        found[change](key);
        if (found.size === 0) keys.delete(value);
        else keys.set(value, found);
      }
    }
  }
}
