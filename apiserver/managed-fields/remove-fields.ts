import { type FieldSet, type FieldSetBuilder, hasMember, isEmpty, itself, leaf, nothing } from './field-set.ts';
import { entryElement } from './list-entries.ts';
import { asList, asMap, deducedType, isEmptyMap, type MapType, type MergeType, memberType } from './merge-type.ts';
import { fieldElement } from './path-element.ts';

/** An object without the fields and entries of a set (upstream: structured-merge-diff, typed/remove.go). Does not change the object. */
export function removeFields(object: object, set: FieldSet, type: MapType): Record<string, unknown> {
  return asMap(removeInside(object, set, type)) ?? {};
}

/** Null where nothing is left. What has one owner as a whole can't lose parts. */
function removeInside(value: unknown, set: FieldSet, type: MergeType): unknown {
  if (type.is === 'any') return removeInside(value, set, deducedType(value));
  if (type.is === 'scalar' || type.is === 'untracked') return value;
  if (type.is === 'list') {
    const list = asList(value);
    if (!list?.length || type.entries === 'atomic') return null;
    const left: unknown[] = [];
    for (const entry of list) {
      const element = entryElement(entry, type);
      if (!hasMember(set, element)) left.push(without(entry, set[element], type.items));
    }
    return left.length ? left : null;
  }
  const map = asMap(value);
  if (isEmptyMap(map) || type.atomic) return null;
  const left: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(map ?? {})) {
    const element = fieldElement(name);
    const inside = memberType(type, name);
    if (!hasMember(set, element)) left[name] = inside ? without(member, set[element], inside) : member;
  }
  return isEmptyMap(left) ? null : left;
}

function without(value: unknown, set: FieldSet | undefined, type: MergeType): unknown {
  return set === undefined || isEmpty(set) ? value : removeInside(value, set, type);
}

/**
 * A set with, in addition, all the declared fields that it has something inside of: else a struct of which all is removed would
 * stay behind empty.
 */
export function withNamedFields(set: FieldSet, type: MergeType | undefined): FieldSet {
  if (isEmpty(set) || type === undefined) return set;
  const result: FieldSetBuilder = {};
  for (const [element, inside] of Object.entries(set)) {
    if (element === itself) {
      result[itself] = leaf;
      continue;
    }
    const name = element.startsWith('f:') ? element.slice(2) : undefined;
    const map = type.is === 'map' ? type : undefined;
    const declared = name !== undefined && map?.field(name) !== undefined;
    const within = withNamedFields(inside, insideType(type, name));
    result[element] = declared && !isEmpty(within) ? { [itself]: nothing, ...within } : within;
  }
  return result;
}

function insideType(type: MergeType, name: string | undefined): MergeType | undefined {
  if (type.is === 'any') return type;
  if (type.is === 'list') return type.items;
  return type.is === 'map' && name !== undefined ? memberType(type, name) : undefined;
}
