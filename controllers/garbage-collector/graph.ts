import type { Identified } from '@skiff/client/resource';

/** Objects of all kinds by uid, and who depends on whom. */
export class OwnerGraph {
  readonly #objects = new Map<string, Identified>();
  readonly #dependents = new Map<string, Set<string>>();

  get(uid: string): Identified | undefined {
    return this.#objects.get(uid);
  }

  dependentsOf(uid: string): Identified[] {
    return [...(this.#dependents.get(uid) ?? [])].flatMap((dependent) => this.#objects.get(dependent) ?? []);
  }

  put(object: Identified): void {
    const uid = uidOf(object);
    this.#forget(uid);
    this.#objects.set(uid, object);
    for (const owner of object.metadata.ownerReferences ?? []) {
      const dependents = this.#dependents.get(owner.uid) ?? new Set();
      this.#dependents.set(owner.uid, dependents.add(uid));
    }
  }

  remove(object: Identified): void {
    const uid = uidOf(object);
    this.#forget(uid);
    this.#objects.delete(uid);
  }

  #forget(uid: string): void {
    for (const owner of this.#objects.get(uid)?.metadata.ownerReferences ?? []) {
      const dependents = this.#dependents.get(owner.uid);
      dependents?.delete(uid);
      if (dependents?.size === 0) this.#dependents.delete(owner.uid);
    }
  }
}

export function uidOf(object: Identified): string {
  return object.metadata.uid ?? '';
}
