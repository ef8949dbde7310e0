import { isDeepStrictEqual } from 'node:util';
import type { Field, Schema } from '@skiff/api/schema/schema';

type Json = Record<string, unknown>;

const isMap = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What was applied before, what is applied now, and what the server has. */
interface Versions<T> {
  readonly original: T | undefined;
  readonly modified: T;
  readonly current: T;
}

/**
 * The patch that brings what is applied now to the object, takes away what was applied before and no longer is, and leaves alone what
 * others have set (upstream: strategicpatch.CreateThreeWayMergePatch). With a schema it is a strategic merge patch, without
 * one a merge patch (RFC 7386). Empty where nothing is to be done.
 */
export function threeWayPatch(versions: Versions<Json>, schema: Schema | undefined): Json {
  return mapPatch(versions, schema);
}

function mapPatch({ original, modified, current }: Versions<Json>, schema: Schema | undefined): Json {
  const patch: Json = {};
  for (const [name, value] of Object.entries(modified)) {
    if (value === null || value === undefined) continue;
    const field = fieldOf(schema, name);
    const change = memberPatch({ original: original?.[name], modified: value, current: current[name] }, field);
    for (const [key, part] of Object.entries(change)) patch[key === '' ? name : key + name] = part;
  }
  for (const [name, value] of Object.entries(original ?? {})) {
    if (value !== null && (modified[name] === undefined || modified[name] === null)) patch[name] = null;
  }
  return patch;
}

interface FieldRule {
  readonly schema: Schema | undefined;
  readonly merge: Field['merge']['patch'] | undefined;
}

function fieldOf(schema: Schema | undefined, name: string): FieldRule {
  if (schema?.is === 'object') {
    const field = schema.fields.get(name);
    return { schema: field?.schema, merge: field?.merge.patch };
  }
  return { schema: schema?.is === 'map' ? schema.values : undefined, merge: undefined };
}

/** The members that a field adds to the patch: under '' its own, under a directive's prefix that directive. */
function memberPatch({ original, modified, current }: Versions<unknown>, { schema, merge }: FieldRule): Json {
  if (current === undefined || current === null) return { '': modified };
  if (isMap(modified) && isMap(current)) {
    if (merge?.replace) return isDeepStrictEqual(modified, current) ? {} : { '': { ...modified, $patch: 'replace' } };
    const inner = mapPatch({ original: isMap(original) ? original : undefined, modified, current }, schema);
    if (Object.keys(inner).length === 0) return {};
    return { '': merge?.retainKeys ? { $retainKeys: Object.keys(modified).toSorted(), ...inner } : inner };
  }
  if (Array.isArray(modified) && Array.isArray(current) && merge?.merge) {
    const before = Array.isArray(original) ? original : [];
    const versions = { original: before, modified, current };
    return merge.mergeKey === undefined ? setPatch(versions) : listPatch(versions, { schema, merge });
  }
  return isDeepStrictEqual(modified, current) ? {} : { '': modified };
}

/** A list that merges as a set. */
function setPatch({ original = [], modified, current }: Versions<readonly unknown[]>): Json {
  const added = modified.filter((item) => !current.includes(item));
  const removed = original.filter((item) => !modified.includes(item));
  if (added.length === 0 && removed.length === 0) return {};
  return {
    ...(added.length > 0 && { '': added }),
    ...(removed.length > 0 && { '$deleteFromPrimitiveList/': removed }),
    '$setElementOrder/': modified,
  };
}

/** A list whose entries are told apart by a key. */
function listPatch(
  { original = [], modified, current }: Versions<readonly unknown[]>,
  { schema, merge }: FieldRule,
): Json {
  const key = merge?.mergeKey ?? '';
  const items = schema?.is === 'list' ? schema.items : undefined;
  const named = (list: readonly unknown[], value: unknown): Json | undefined =>
    list.filter(isMap).find((item) => item[key] === value);
  const patch: unknown[] = [];
  for (const item of modified) {
    if (!isMap(item)) return { '': modified };
    const there = named(current, item[key]);
    if (!there) {
      patch.push(item);
      continue;
    }
    const change = mapPatch({ original: named(original, item[key]), modified: item, current: there }, items);
    if (Object.keys(change).length === 0) continue;
    const retained = merge?.retainKeys ? { $retainKeys: Object.keys(item).toSorted() } : {};
    patch.push({ ...retained, ...change, [key]: item[key] });
  }
  for (const item of original.filter(isMap)) {
    if (!named(modified, item[key]) && named(current, item[key])) patch.push({ $patch: 'delete', [key]: item[key] });
  }
  const order = modified.filter(isMap).map((item) => item[key]);
  const now = current
    .filter(isMap)
    .map((item) => item[key])
    .filter((value) => order.includes(value));
  const moved = !isDeepStrictEqual(
    now,
    order.filter((value) => now.includes(value)),
  );
  if (patch.length === 0 && !moved) return {};
  return { ...(patch.length > 0 && { '': patch }), '$setElementOrder/': order.map((value) => ({ [key]: value })) };
}
