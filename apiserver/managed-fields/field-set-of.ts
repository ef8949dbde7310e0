import { attach, begin, type FieldSet, type FieldSetBuilder } from './field-set.ts';
import { entriesOf } from './list-entries.ts';
import { asList, asMap, deducedType, isEmptyMap, type MapType, type MergeType } from './merge-type.ts';
import { fieldElement, orderElements } from './path-element.ts';

/** The fields that an object has: what its applier owns (upstream: structured-merge-diff, typed/tofieldset.go). */
export function fieldSetOf(object: object, type: MapType): FieldSet {
  const set: FieldSetBuilder = {};
  addMembers(object, type, set);
  return set;
}

/** Values that have one owner, null and empty maps are members; so are the members of maps that are not declared. */
function addMembers(map: object | undefined, type: MapType, set: FieldSetBuilder): void {
  for (const [name, value] of Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const declared = type.field(name);
    const expected = declared ?? type.values;
    if (!expected || expected.is === 'untracked') continue;
    const inside = expected.is === 'any' ? deducedType(value) : expected;
    const within = begin(!declared || hasOneOwner(inside) || value === null || isEmptyObject(value));
    addInside(value, inside, within);
    attach(set, fieldElement(name), within);
  }
}

const isEmptyObject = (value: unknown): boolean => asMap(value) !== undefined && isEmptyMap(asMap(value));

function hasOneOwner(type: MergeType): boolean {
  if (type.is === 'list') return type.entries === 'atomic';
  return type.is === 'map' ? type.atomic : true;
}

function addInside(value: unknown, expected: MergeType, inside: FieldSetBuilder): void {
  const type = expected.is === 'any' ? deducedType(value) : expected;
  if (hasOneOwner(type)) return;
  if (type.is === 'map') addMembers(asMap(value), type, inside);
  if (type.is === 'list') {
    const entries = entriesOf(asList(value), type);
    for (const element of orderElements([...entries.keys()])) {
      const [entry, ...more] = entries.get(element) ?? [];
      const within = begin(true);
      // What is there several times is one value.
      if (more.length === 0) addInside(entry, type.items, within);
      attach(inside, element, within);
    }
  }
}
