/**
 * Who has which value, where each may have one owner: what stored objects hold, and what writes under way have taken. An
 * owner may take its own again.
 */
export class Claims<T> {
  readonly #held = new Map<T, string>();
  readonly #heldBy = new Map<string, readonly T[]>();
  readonly #pending = new Map<T, string>();

  /** What a stored object holds, in place of what it held; its pending claims are settled by that. */
  hold(owner: string, values: readonly T[]): void {
    for (const value of this.#heldBy.get(owner) ?? []) if (this.#held.get(value) === owner) this.#held.delete(value);
    for (const [value, claimant] of this.#pending) if (claimant === owner) this.#pending.delete(value);
    if (values.length) this.#heldBy.set(owner, values);
    else this.#heldBy.delete(owner);
    for (const value of values) this.#held.set(value, owner);
  }

  isFree(value: T, owner: string): boolean {
    const others = [this.#held.get(value), this.#pending.get(value)].filter((other) => other !== undefined);
    return others.every((other) => other === owner);
  }

  /** Takes a value for a write; returns how to give it back. It must be free. */
  claim(value: T, owner: string): () => void {
    this.#pending.set(value, owner);
    return () => {
      if (this.#pending.get(value) === owner) this.#pending.delete(value);
    };
  }

  /** A free number of a range, at random; undefined where all are taken. */
  static pick(range: { first: number; last: number }, isFree: (value: number) => boolean): number | undefined {
    const size = range.last - range.first + 1;
    if (size <= 0) return undefined;
    const start = Math.floor(Math.random() * size);
    for (let step = 0; step < size; step++) {
      const value = range.first + ((start + step) % size);
      if (isFree(value)) return value;
    }
    return undefined;
  }
}
