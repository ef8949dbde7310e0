/** After this time an expectation is given up, as kube-controller-manager does: a watch may have missed what it waits for. */
const patienceMs = 5 * 60_000;

interface Expected {
  creations: number;
  readonly deletions: Set<string>;
  since: number;
}

/**
 * What a controller has asked for and not yet seen in its cache. While something is outstanding, the cache is behind, and
 * counting Pods in it would make too many or delete too many.
 */
export class Expectations {
  readonly #expected = new Map<string, Expected>();
  readonly #now: () => number;

  constructor(options: { now?: () => number } = {}) {
    this.#now = options.now ?? Date.now;
  }

  /** Whether everything that was asked for has been seen, or was waited for long enough. */
  fulfilled(key: string): boolean {
    const expected = this.#expected.get(key);
    if (!expected) return true;
    return (expected.creations <= 0 && expected.deletions.size === 0) || this.#now() - expected.since > patienceMs;
  }

  expectCreations(key: string, count: number): void {
    this.#expected.set(key, { creations: count, deletions: new Set(), since: this.#now() });
  }

  expectDeletions(key: string, uids: Iterable<string>): void {
    this.#expected.set(key, { creations: 0, deletions: new Set(uids), since: this.#now() });
  }

  /** A creation was seen, or will not happen. */
  created(key: string): void {
    const expected = this.#expected.get(key);
    if (expected) expected.creations--;
  }

  /** A deletion was seen, or will not happen. */
  deleted(key: string, uid: string): void {
    this.#expected.get(key)?.deletions.delete(uid);
  }

  forget(key: string): void {
    this.#expected.delete(key);
  }
}
