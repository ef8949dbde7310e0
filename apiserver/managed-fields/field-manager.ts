import { cloneJson, jsonEqual } from '@skiff/api/json-value';
import { apiVersionOf, type Kind } from '@skiff/api/kinds';
import type { KubeObject } from '@skiff/api/meta';
import { badRequest, StatusError } from '@skiff/api/status';
import { timestamp } from '../registry/deletion.ts';
import { faultsOf } from './check-config.ts';
import { applyConflict, type Conflict } from './conflict.ts';
import { difference, type FieldSet, hasPath, isEmpty, nothing, setOfPath, union } from './field-set.ts';
import { kubectlManager, lastAppliedFields, syncLastApplied } from './last-applied.ts';
import { UnnamedEntry } from './list-entries.ts';
import {
  capManagers,
  identityOf,
  type ManagedFieldsEntry,
  type Manager,
  type Managers,
  readManagers,
  storedManagers,
  writeManagers,
} from './managers.ts';
import type { MapType } from './merge-type.ts';
import { Conflicts, type Ownership, ownershipOfApply, ownershipOfUpdate } from './ownership.ts';
import { fieldElement } from './path-element.ts';

/** Who writes, and what of the object. */
export interface Write {
  /** The name of the field manager. */
  readonly manager: string;
  /** Empty for the object itself. */
  readonly subresource: string;
  readonly now: Date;
}

/** Fields as dotted paths: `metadata.labels`. */
export const fieldSet = (...paths: readonly string[]): FieldSet =>
  paths.map((path) => setOfPath(path.split('.').map(fieldElement))).reduce(union, nothing);

/** What is the server's own, or says which object it is: nobody owns it (upstream: stripmeta.go). */
const serverFields = fieldSet(
  'apiVersion',
  'kind',
  'metadata',
  'metadata.name',
  'metadata.namespace',
  'metadata.creationTimestamp',
  'metadata.selfLink',
  'metadata.uid',
  'metadata.generation',
  'metadata.resourceVersion',
);

const beforeFirstApply = 'before-first-apply';

/**
 * Keeps `metadata.managedFields` of one kind's objects, and works applied configurations into them (upstream:
 * apimachinery/pkg/util/managedfields). Objects come in the form in which they are stored, with their defaults.
 */
export class FieldManager {
  readonly #kind: Pick<Kind, 'kind' | 'group' | 'version'>;
  readonly #apiVersion: string;
  readonly #typeIn: (apiVersion: string) => MapType | undefined;
  readonly #ignored: (subresource: string) => FieldSet;
  readonly #empty: () => Record<string, unknown>;
  #madeEmpty: Readonly<Record<string, unknown>> | undefined;

  constructor(options: {
    readonly kind: Pick<Kind, 'kind' | 'group' | 'version'>;
    /** How objects merge in a version of the kind. */
    typeIn(apiVersion: string): MapType | undefined;
    /** What a write of a subresource can't change (the empty one is the object itself). */
    ignored(subresource: string): FieldSet;
    /** The form in which an object without any fields is stored. */
    empty(): Record<string, unknown>;
  }) {
    this.#kind = options.kind;
    this.#apiVersion = apiVersionOf(options.kind);
    this.#typeIn = options.typeIn;
    this.#ignored = options.ignored;
    this.#empty = options.empty;
  }

  /**
   * What `metadata.managedFields` of a new state is after a create, update or patch. `live` is undefined for a create. `given` is
   * what the client sent: it counts where it is well formed, and `[]` or `[{}]` ends the tracking until the next apply.
   */
  entriesAfter(
    live: KubeObject | undefined,
    wanted: KubeObject,
    { given, ...write }: Write & { readonly given: ManagedFieldsEntry[] | undefined },
  ): ManagedFieldsEntry[] | undefined {
    const managers = this.#managersBefore(live?.metadata.managedFields, given, write);
    if (managers.size === 0 && live) return undefined;
    try {
      this.#update(managers, live ?? this.#nothing, wanted, write);
    } catch (error) {
      if (error instanceof UnnamedEntry) return live?.metadata.managedFields;
      throw error;
    }
    return writeManagers(managers);
  }

  /**
   * Server-side apply: the state that an object has when a configuration is worked into it, with its managed fields. Throws 400 for
   * a configuration of another kind, 500 for one that is not of the type, and 409 where others own what it says.
   */
  apply(live: KubeObject | undefined, config: KubeObject, { force, ...write }: Write & { force: boolean }): KubeObject {
    this.#checkConfig(config);
    const managers = storedManagers(live?.metadata.managedFields ?? []);
    const before = live ?? this.#withKind(this.#empty());
    if (managers.size === 0 && live) {
      this.#update(managers, this.#nothing, live, { ...write, manager: beforeFirstApply });
    }
    const applied = this.#applied(managers, { live: before, config, force }, write);
    if (write.manager === kubectlManager) syncLastApplied(applied, config);
    const entries = writeManagers(managers);
    const { managedFields: _old, ...metadata } = applied.metadata;
    return { ...applied, metadata: { ...metadata, ...(entries && { managedFields: entries }) } };
  }

  /** What a new object is compared with. */
  get #nothing(): Readonly<Record<string, unknown>> {
    this.#madeEmpty ??= this.#empty();
    return this.#madeEmpty;
  }

  #managersBefore(
    live: ManagedFieldsEntry[] | undefined,
    given: ManagedFieldsEntry[] | undefined,
    { subresource }: Write,
  ): Managers {
    const stored = (): Managers => storedManagers(live ?? []);
    // A subresource can't set them; most clients send back what they have read.
    if (subresource !== '' || !given || jsonEqual(given, live)) return stored();
    const [only] = given;
    if (!only || (given.length === 1 && Object.keys(only).length === 0)) return new Map();
    const managers = readManagers(given);
    return managers?.size ? managers : stored();
  }

  #update(managers: Managers, old: object, wanted: object, write: Write): void {
    const changed = ownershipOfUpdate(managers, { old, wanted }, this.#ownership(write));
    const fields = difference(changed, serverFields);
    if (!isEmpty(fields)) {
      const manager = this.#manager(write, 'Update');
      const identity = identityOf(manager);
      managers.set(identity, {
        ...manager,
        time: timestamp(write.now),
        fields: union(fields, managers.get(identity)?.fields ?? nothing),
      });
    }
    capManagers(managers);
  }

  /** Tries, and takes over what client-side apply has set where kubectl asks. */
  #applied(
    managers: Managers,
    { live, config, force }: { live: KubeObject; config: KubeObject; force: boolean },
    write: Write,
  ): KubeObject {
    const attempt = new Map(managers);
    let result: KubeObject;
    try {
      result = this.#applyOnce(attempt, { live, config, force }, write);
    } catch (error) {
      if (!(error instanceof Conflicts)) throw error;
      const conflicts = this.#withoutLastApplied(error.conflicts, live, write);
      if (conflicts.length) throw applyConflict(conflicts);
      return this.#applied(managers, { live, config, force: true }, write);
    }
    managers.clear();
    for (const [identity, manager] of attempt) managers.set(identity, manager);
    return result;
  }

  #withoutLastApplied(conflicts: readonly Conflict[], live: KubeObject, { manager }: Write): readonly Conflict[] {
    const type = manager === kubectlManager ? this.#typeIn(this.#apiVersion) : undefined;
    const allowed = type && lastAppliedFields(live, type);
    return allowed ? conflicts.filter(({ path }) => !hasPath(allowed, path)) : conflicts;
  }

  #applyOnce(
    managers: Managers,
    request: { live: KubeObject; config: KubeObject; force: boolean },
    write: Write,
  ): KubeObject {
    const manager = this.#manager(write, 'Apply');
    const identity = identityOf(manager);
    const time = managers.get(identity)?.time;
    try {
      const applier = { identity, manager: { ...manager, time } };
      const { object, changed } = ownershipOfApply(managers, request, applier, this.#ownership(write));
      const fields = difference(managers.get(identity)?.fields ?? nothing, serverFields);
      if (isEmpty(fields)) managers.delete(identity);
      // Where nothing changes, the time stays: there may be none.
      else managers.set(identity, { ...manager, time: changed ? timestamp(write.now) : time, fields });
      // What comes out is the live object, or one that the configuration has made of it.
      return cloneJson(object) as KubeObject;
    } catch (error) {
      if (error instanceof UnnamedEntry) throw failed(`failed to merge config: ${error.message}`);
      throw error;
    }
  }

  #checkConfig(config: KubeObject): void {
    const { kind, apiVersion, metadata } = config;
    const [group = '', version = ''] = apiVersion?.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    const gvk = `${group}/${version}, Kind=${kind}`;
    if (kind !== this.#kind.kind || apiVersion !== this.#apiVersion) throw badRequest(`invalid object type: ${gvk}`);
    if (metadata?.managedFields) throw badRequest('metadata.managedFields must be nil');
    const type = this.#typeIn(this.#apiVersion);
    const faults = type ? faultsOf(config, type) : [];
    if (faults.length === 0) return;
    const list = faults.length === 1 ? faults[0] : ['errors:', ...faults.map((fault) => `  ${fault}`)].join('\n');
    const name = `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;
    throw failed(`failed to create typed patch object (${name}; ${gvk}): ${list}`);
  }

  #manager({ manager, subresource }: Write, operation: Manager['operation']): Omit<Manager, 'fields'> {
    const apiVersion = this.#apiVersion;
    return { name: manager || 'unknown', operation, apiVersion, subresource, time: undefined };
  }

  #ownership({ subresource }: Write): Ownership {
    return { apiVersion: this.#apiVersion, typeIn: this.#typeIn, ignored: this.#ignored(subresource) };
  }

  #withKind(object: Record<string, unknown>): KubeObject {
    const { metadata, ...rest } = object;
    // An object without a name yet: the configuration gives it.
    const named = (metadata ?? {}) as KubeObject['metadata'];
    return { ...rest, kind: this.#kind.kind, apiVersion: this.#apiVersion, metadata: named };
  }
}

/** 500 without a reason, as kube-apiserver says it. */
const failed = (message: string): StatusError => new StatusError({ code: 500, message });
