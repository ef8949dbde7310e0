import { jsonEqual } from '@skiff/api/json-value';
import { attach, begin, type FieldSet, type FieldSetBuilder, leaf } from './field-set.ts';
import { entriesOf } from './list-entries.ts';
import {
  anyMap,
  asList,
  asMap,
  deducedType,
  isEmptyMap,
  type ListType,
  type MapType,
  type MergeType,
  memberType,
  type ScalarType,
} from './merge-type.ts';
import { fieldElement, orderElements } from './path-element.ts';

/** What tells two objects apart. */
export interface Comparison {
  /** Fields that the new one has, and the old one has not or with another value. */
  readonly changed: FieldSet;
  /** Fields that only the old one has. */
  readonly removed: FieldSet;
}

interface Found {
  readonly changed: FieldSetBuilder;
  readonly removed: FieldSetBuilder;
}

/** The values of one place: undefined where there is none. */
interface Pair {
  readonly old: unknown;
  readonly wanted: unknown;
}

/**
 * Compares two objects of a type, field by field (upstream: structured-merge-diff, typed/compare.go). Throws UnnamedEntry where an
 * entry of a list lacks its keys.
 */
export function compare(old: object, wanted: object, type: MapType): Comparison {
  const found: Found = { changed: {}, removed: {} };
  compareMembers({ old, wanted }, type, found);
  return found;
}

function visit(element: string, pair: Pair, type: MergeType, found: Found): void {
  if (type.is === 'any') visitAny(element, pair, found);
  else if (type.is !== 'untracked') {
    if (hasOneOwner(pair, type)) compareLeaf(element, pair, found);
    else visitInside(element, pair, type, found);
  }
}

/** What is empty before and after is taken as one value, which tells empty from absent. */
function hasOneOwner({ old, wanted }: Pair, type: ScalarType | ListType | MapType): boolean {
  if (type.is === 'scalar') return true;
  if (type.is === 'list') return type.entries === 'atomic' || (!asList(old)?.length && !asList(wanted)?.length);
  return type.atomic || (isEmptyMap(asMap(old)) && isEmptyMap(asMap(wanted)));
}

function visitInside(element: string, pair: Pair, type: ScalarType | ListType | MapType, found: Found): void {
  const inside = { changed: begin(pair.old === undefined), removed: begin(pair.wanted === undefined) };
  if (type.is === 'list') compareEntries(pair, type, inside);
  else if (type.is === 'map') compareMembers(pair, type, inside);
  attach(found.changed, element, inside.changed);
  attach(found.removed, element, inside.removed);
}

/** A value that has one owner. */
function compareLeaf(element: string, { old, wanted }: Pair, found: Found): void {
  if (wanted === undefined) found.removed[element] = leaf;
  else if (old === undefined || !jsonEqual(old, wanted)) found.changed[element] = leaf;
}

/** Null goes with every type. A value that has turned into another type has changed as a whole, and what was inside is gone. */
function visitAny(element: string, pair: Pair, found: Found): void {
  const { old = null, wanted = null } = pair;
  const [before, after] = [deducedType(old), deducedType(wanted)];
  if (before.is === after.is || old === null) visit(element, pair, after, found);
  else if (wanted === null) visit(element, pair, before, found);
  else {
    const inside = { changed: begin(true), removed: begin(false) };
    if (before.is === 'map' || after.is === 'map') compareMembers(pair, anyMap, inside);
    attach(found.changed, element, inside.changed);
    attach(found.removed, element, inside.removed);
  }
}

function compareMembers(pair: Pair, type: MapType, found: Found): void {
  const [old, wanted] = [asMap(pair.old), asMap(pair.wanted)];
  const names = Object.keys(wanted ?? {});
  for (const name in old) if (!wanted || !Object.hasOwn(wanted, name)) names.push(name);
  for (const name of names.sort()) {
    const [before, after] = [old?.[name], wanted?.[name]];
    // Most of most objects is as it was.
    if (before !== undefined && jsonEqual(before, after)) continue;
    const inside = memberType(type, name);
    if (inside) visit(fieldElement(name), { old: before, wanted: after }, inside, found);
  }
}

/** Entries that are there several times are taken together, as one value. */
function compareEntries(pair: Pair, type: ListType, found: Found): void {
  const [old, wanted] = [entriesOf(asList(pair.old), type), entriesOf(asList(pair.wanted), type)];
  for (const element of orderElements([...new Set([...old.keys(), ...wanted.keys()])])) {
    const [before, after] = [old.get(element) ?? [], wanted.get(element) ?? []];
    if (before.length <= 1 && after.length <= 1) {
      visit(element, { old: before[0], wanted: after[0] }, type.items, found);
    } else if (before.length > 1 && after.length > 1) {
      if (!jsonEqual(before, after)) found.changed[element] = leaf;
    } else if (before.length > 1) {
      if (after.length) visit(element, { old: undefined, wanted: after[0] }, type.items, found);
      found.removed[element] = leaf;
    } else {
      if (before.length) visit(element, { old: before[0], wanted: undefined }, type.items, found);
      found.changed[element] = leaf;
    }
  }
}
