import type { Cached } from './cached.ts';

/** Objects in key order. What {@link items} has returned never changes: the next write copies it first. */
export class SortedByKey {
  #items: Cached[] = [];
  #shared = false;

  get items(): readonly Cached[] {
    this.#shared = true;
    return this.#items;
  }

  get(key: string): Cached | undefined {
    const found = this.#items[this.#position(key)];
    return found?.key === key ? found : undefined;
  }

  /** Adds the object, or replaces the one of the same key. */
  put(cached: Cached): void {
    const at = this.#position(cached.key);
    this.#own().splice(at, this.#items[at]?.key === cached.key ? 1 : 0, cached);
  }

  remove(key: string): void {
    const at = this.#position(key);
    if (this.#items[at]?.key === key) this.#own().splice(at, 1);
  }

  #own(): Cached[] {
    if (this.#shared) this.#items = this.#items.slice();
    this.#shared = false;
    return this.#items;
  }

  /** The index of the first object whose key is not before this one. */
  #position(key: string): number {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#items[middle]?.key ?? '') < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
