import { type FieldSet, type FieldSetBuilder, leaf, put } from './field-set.ts';
import { entriesOf } from './list-entries.ts';
import { asList, asMap, deducedType, isEmptyMap, type MapType, type MergeType, memberType } from './merge-type.ts';
import { fieldElement } from './path-element.ts';

/** The fields that an object has: what its applier owns (upstream: structured-merge-diff, typed/tofieldset.go). */
export function fieldSetOf(object: object, type: MapType): FieldSet {
  const set: FieldSetBuilder = {};
  addMembers(object, type, set);
  return set;
}

/** Adds what is inside a value; returns whether the value is itself a member. */
function addInside(value: unknown, type: MergeType, inside: FieldSetBuilder): boolean {
  if (type.is === 'any') return addInside(value, deducedType(value), inside);
  if (type.is === 'scalar' || type.is === 'untracked') return type.is === 'scalar';
  if (type.is === 'map') {
    if (type.atomic) return true;
    addMembers(asMap(value), type, inside);
    return false;
  }
  if (type.entries === 'atomic') return true;
  for (const [element, entries] of entriesOf(asList(value), type)) {
    if (entries.length > 1) {
      inside[element] = leaf;
      continue;
    }
    const within: FieldSetBuilder = {};
    addInside(entries[0], type.items, within);
    put(inside, element, within, true);
  }
  return false;
}

/** Null and empty maps are members, and so are the entries of maps that have no declared fields. */
function addMembers(map: object | undefined, type: MapType, set: FieldSetBuilder): void {
  for (const [name, value] of Object.entries(map ?? {})) {
    const declared = type.field(name);
    const inside = memberType(type, name);
    if (!inside) continue;
    const within: FieldSetBuilder = {};
    const member = addInside(value, inside, within);
    const plain = value === null || (asMap(value) !== undefined && isEmptyMap(asMap(value)));
    put(set, fieldElement(name), within, inside.is !== 'untracked' && (member || plain || !declared));
  }
}
