import { jsonEqual } from '@skiff/api/json-value';
import type { KubeObject } from '@skiff/api/meta';
import { type Comparison, compare } from './compare.ts';
import type { Conflict } from './conflict.ts';
import { difference, type FieldSet, intersection, isEmpty, nothing, pathsOf, union, without } from './field-set.ts';
import { fieldSetOf } from './field-set-of.ts';
import type { Manager, Managers } from './managers.ts';
import { merge } from './merge.ts';
import type { MapType } from './merge-type.ts';
import { removeFields, withNamedFields } from './remove-fields.ts';

/**
 * Who owns what after a write (upstream: structured-merge-diff, merge/update.go), for objects of one kind, whatever its versions.
 */
export interface Ownership {
  /** The apiVersion of the write. */
  readonly apiVersion: string;
  /** How objects merge in a version; undefined where the version is served no longer: then its managers own nothing. */
  typeIn(apiVersion: string): MapType | undefined;
  /** Fields that this write can't change: nobody comes to own them by it. */
  readonly ignored: FieldSet;
}

/** Thrown instead of taking from other managers. */
export class Conflicts extends Error {
  override readonly name = 'Conflicts';
  readonly conflicts: readonly Conflict[];

  constructor(conflicts: readonly Conflict[]) {
    super('the fields have other managers');
    this.conflicts = conflicts;
  }
}

function compared(old: object, wanted: object, type: MapType, ignored: FieldSet): Comparison {
  const { changed, removed } = compare(old, wanted, type);
  return { changed: without(changed, ignored), removed: without(removed, ignored) };
}

/**
 * Takes from all managers but one what has changed or is gone. Mutates `managers`. Throws {@link Conflicts} unless forced. Returns
 * what has changed.
 */
function take(
  managers: Managers,
  { old, wanted, except, force }: { old: object; wanted: object; except: string | undefined; force: boolean },
  ownership: Ownership,
  type: MapType,
): Comparison {
  const comparison = compared(old, wanted, type, ownership.ignored);
  const versions = new Map<string, Comparison>([[ownership.apiVersion, comparison]]);
  const conflicts: Conflict[] = [];
  const changes: (readonly [string, Manager, FieldSet])[] = [];
  for (const [identity, manager] of [...managers].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (identity === except) continue;
    let versioned = versions.get(manager.apiVersion);
    if (!versioned) {
      const other = ownership.typeIn(manager.apiVersion);
      if (!other) {
        managers.delete(identity);
        continue;
      }
      versioned = compared(old, wanted, other, ownership.ignored);
      versions.set(manager.apiVersion, versioned);
    }
    const lost = intersection(manager.fields, versioned.changed);
    for (const path of force || isEmpty(lost) ? [] : pathsOf(lost)) conflicts.push({ manager, path });
    const gone = intersection(manager.fields, versioned.removed);
    if (!isEmpty(lost) || !isEmpty(gone)) changes.push([identity, manager, union(lost, gone)]);
  }
  if (conflicts.length) throw new Conflicts(conflicts);
  for (const [identity, manager, lost] of changes) own(managers, identity, manager, difference(manager.fields, lost));
  return comparison;
}

/** Gives a manager exactly these fields. One without any is none. */
function own(managers: Managers, identity: string, manager: Omit<Manager, 'fields'>, fields: FieldSet): void {
  if (isEmpty(fields)) managers.delete(identity);
  else managers.set(identity, { ...manager, fields });
}

/** After an update: what it changed. Takes that from all managers. Mutates `managers`. Throws UnnamedEntry. */
export function ownershipOfUpdate(
  managers: Managers,
  { old, wanted }: { old: object; wanted: object },
  ownership: Ownership,
): FieldSet {
  const type = ownership.typeIn(ownership.apiVersion);
  if (!type) return nothing;
  return take(managers, { old, wanted, except: undefined, force: true }, ownership, type).changed;
}

/** The applied state, and whether it is another one than before. */
export interface Applied {
  readonly object: Record<string, unknown>;
  readonly changed: boolean;
}

/**
 * Works a configuration into an object: its applier owns what it says, and what the applier said before and says no longer goes
 * where nobody else owns it. Mutates `managers`, in which `identity` is the applier. Throws {@link Conflicts} and UnnamedEntry.
 */
export function ownershipOfApply(
  managers: Managers,
  { live, config, force }: { live: object; config: KubeObject; force: boolean },
  applier: { readonly identity: string; readonly manager: Omit<Manager, 'fields'> },
  ownership: Ownership,
): Applied {
  const { identity, manager } = applier;
  const type = ownership.typeIn(ownership.apiVersion);
  if (!type) return { object: { ...live }, changed: false };
  const last = managers.get(identity);
  const merged = merge(live, config, type);
  const fields = without(fieldSetOf(config, type), ownership.ignored);
  managers.set(identity, { ...manager, fields });
  const object = last ? prune(merged, managers, last, ownership) : merged;
  take(managers, { old: live, wanted: object, except: identity, force }, ownership, type);
  return { object, changed: !jsonEqual(live, object) };
}

/** Removes what the applier owned before, unless a manager still owns it (the applier itself is among the managers). */
function prune(
  merged: Record<string, unknown>,
  managers: Managers,
  last: Manager,
  ownership: Ownership,
): Record<string, unknown> {
  const type = ownership.typeIn(last.apiVersion);
  if (!type) return merged;
  const owned = withNamedFields(last.fields, type);
  let pruned = removeFields(merged, owned, type);
  const all = withNamedFields(fieldSetOf(merged, type), type);
  for (const [version, fields] of fieldsByVersion(managers, last.apiVersion)) {
    const other = ownership.typeIn(version);
    if (!other) continue;
    const there = version === last.apiVersion ? all : withNamedFields(fieldSetOf(merged, other), other);
    const kept = union(withNamedFields(fieldSetOf(pruned, other), other), withNamedFields(fields, other));
    pruned = removeFields(merged, difference(there, kept), other);
  }
  // Nothing goes but what the applier had.
  const left = withNamedFields(fieldSetOf(pruned, type), type);
  return removeFields(merged, intersection(difference(all, left), owned), type);
}

/** All that is owned in each version, one of them first. */
function fieldsByVersion(managers: Managers, first: string): Map<string, FieldSet> {
  const versions = new Map<string, FieldSet>();
  const ordered = [...managers.values()].sort(
    (a, b) => Number(b.apiVersion === first) - Number(a.apiVersion === first),
  );
  for (const { apiVersion, fields } of ordered)
    versions.set(apiVersion, union(versions.get(apiVersion) ?? nothing, fields));
  return versions;
}
