import { difference, type FieldSet, hasPath, isEmpty, setOfPath } from './field-set.ts';
import {
  identityOf,
  type ManagedFieldsEntry,
  type Manager,
  type Managers,
  storedManagers,
  writeManagers,
} from './managers.ts';
import { fieldElement } from './path-element.ts';

const replicas: FieldSet = setOfPath(['f:spec', 'f:replicas']);
const scaleVersion = 'autoscaling/v1';

/** Whether two entries are of the same manager, though one is of the object and the other of its scale. */
const nameOf = (manager: Manager): string => identityOf({ ...manager, apiVersion: '' });

/**
 * Who owns the replicas of an object, as managed fields of the object and of its scale (upstream:
 * apimachinery/pkg/util/managedfields/scalehandler.go).
 */
export class ScaleOwners {
  readonly #object: Managers;
  readonly #apiVersion: string;
  readonly #path: readonly string[];

  /** `entries` are those of the object, `apiVersion` is its own, and `replicas` the names that lead to its replicas. */
  constructor(options: {
    readonly entries: readonly ManagedFieldsEntry[];
    readonly apiVersion: string;
    readonly replicas: readonly string[];
  }) {
    this.#object = storedManagers(options.entries);
    this.#apiVersion = options.apiVersion;
    this.#path = options.replicas.map(fieldElement);
  }

  /** The managed fields of the scale: who owns its replicas. */
  ofScale(): ManagedFieldsEntry[] | undefined {
    const owners = [...this.#object.values()].filter(({ fields }) => hasPath(fields, this.#path));
    const scaled = owners.map((manager): Manager => ({ ...manager, apiVersion: scaleVersion, fields: replicas }));
    return writeManagers(new Map(scaled.map((manager) => [identityOf(manager), manager])));
  }

  /** The managed fields of the object, where those of its scale are now `scale`. */
  ofObject(scale: readonly ManagedFieldsEntry[]): ManagedFieldsEntry[] | undefined {
    const owners = new Map([...storedManagers(scale).values()].map((manager) => [nameOf(manager), manager]));
    const result: Managers = new Map();
    for (const [identity, manager] of this.#object) {
      const stays = owners.delete(nameOf(manager)) || !hasPath(manager.fields, this.#path);
      const fields = stays ? manager.fields : difference(manager.fields, setOfPath(this.#path));
      if (!isEmpty(fields)) result.set(identity, { ...manager, fields });
    }
    for (const owner of owners.values()) {
      const manager: Manager = { ...owner, apiVersion: this.#apiVersion, fields: setOfPath(this.#path) };
      result.set(identityOf(manager), manager);
    }
    return writeManagers(result);
  }
}
