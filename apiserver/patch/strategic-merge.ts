import { badRequest, StatusError } from '@skiff/api/status';
import { orderElements } from './element-order.ts';
import type { StrategicField, StrategicSchema } from './strategic-schema.ts';

/*
 * Strategic merge patch (upstream: apimachinery/pkg/util/strategicpatch), driven by a schema. Directives:
 *   $patch: replace | delete | merge      in a map, or in an entry of a merging list
 *   $retainKeys: [names]                  drops the map's other members (unions: volume sources, deployment strategy)
 *   $setElementOrder/FIELD: [keys]        the order of the merged list
 *   $deleteFromPrimitiveList/FIELD: [v]   takes values out of a merging list of primitives
 */
const directive = '$patch';
const retainKeys = '$retainKeys';
const setElementOrder = '$setElementOrder/';
const deleteFromPrimitiveList = '$deleteFromPrimitiveList/';

type Json = Record<string, unknown>;
const isMap = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** 500 without a reason: kube-apiserver takes a patch that does not fit the type for a fault of its own. */
const unfit = (message: string): StatusError => new StatusError({ code: 500, message });

/** A value that is new to the object: directives have done their work, and nulls remove nothing. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value
      .filter((item) => !(isMap(item) && (item[directive] === 'delete' || item[directive] === 'replace')))
      .map(withoutDirectives);
  }
  if (!isMap(value)) return value;
  const result: Json = {};
  for (const [name, member] of Object.entries(value)) {
    if (name.startsWith('$') || name === '__proto__' || member === null) continue;
    result[name] = withoutDirectives(member);
  }
  return result;
}

function keyOfEntry(entry: unknown, mergeKey: string | undefined): string {
  if (mergeKey === undefined || !isMap(entry)) return JSON.stringify(entry) ?? '';
  return JSON.stringify(entry[mergeKey]) ?? '';
}

function checkMergeKey(entries: readonly unknown[], field: StrategicField): void {
  if (field.mergeKey === undefined) return;
  for (const entry of entries) {
    if (!isMap(entry)) throw unfit('list element types are not identical');
    if (entry[directive] === 'replace') continue;
    if (entry[field.mergeKey] === undefined)
      throw unfit(`map: ${JSON.stringify(entry)} does not contain declared merge key: ${field.mergeKey}`);
  }
}

/** Merges two lists, without regard to order. */
function mergeEntries(original: readonly unknown[], patch: readonly unknown[], field: StrategicField): unknown[] {
  checkMergeKey(patch, field);
  if (field.mergeKey === undefined) {
    const seen = new Set(original.map((item) => keyOfEntry(item, undefined)));
    return [...original, ...patch.filter((item) => !seen.has(keyOfEntry(item, undefined)))];
  }
  if (patch.some((entry) => isMap(entry) && entry[directive] === 'replace')) {
    // The list becomes what else the patch holds.
    return patch.filter((entry) => isMap(entry) && entry[directive] === undefined).map(withoutDirectives);
  }
  const merged = [...original];
  for (const entry of patch) {
    const key = keyOfEntry(entry, field.mergeKey);
    const at = merged.findIndex((candidate) => keyOfEntry(candidate, field.mergeKey) === key);
    const action = isMap(entry) ? entry[directive] : undefined;
    if (action === 'delete') {
      if (at >= 0) merged.splice(at, 1);
    } else if (action !== undefined && action !== 'merge') throw unfit(`unknown patch type: ${String(action)}`);
    else if (at < 0) merged.push(withoutDirectives(entry));
    else merged[at] = mergeMap(isMap(merged[at]) ? merged[at] : {}, isMap(entry) ? entry : {}, field.schema);
  }
  return merged;
}

function mergeList(
  original: readonly unknown[],
  patch: readonly unknown[],
  field: StrategicField,
  order: readonly unknown[],
): unknown[] {
  const keyOf = (entry: unknown): string => keyOfEntry(entry, field.mergeKey);
  return orderElements(
    mergeEntries(original, patch, field),
    { patch: order.map(keyOf), server: original.map(keyOf) },
    keyOf,
  );
}

/** What a patch adds or changes has to come in the order that it asks for. */
function checkOrder(patch: readonly unknown[], order: readonly unknown[], field: StrategicField): void {
  const keys = order.map((entry) => keyOfEntry(entry, field.mergeKey));
  let at = 0;
  for (const entry of order.length ? patch : []) {
    if (isMap(entry) && entry[directive] !== undefined && entry[directive] !== 'merge') continue;
    const next = keys.indexOf(keyOfEntry(entry, field.mergeKey), at);
    if (next < 0) throw unfit(`The order in patch list doesn't match ${setElementOrder.slice(0, -1)} list`);
    at = next + 1;
  }
}

/** Drops the members that `$retainKeys` does not name. */
function retain(original: Json, patch: Json): void {
  const names = patch[retainKeys];
  if (names === undefined) return;
  if (!Array.isArray(names)) throw badRequest('invalid patch format of retainKeys');
  const kept = new Set<unknown>(names);
  for (const [name, value] of Object.entries(patch)) {
    if (!name.startsWith('$') && value !== null && !kept.has(name)) {
      throw new StatusError({
        code: 422,
        reason: 'Invalid',
        message: "patch content doesn't match retainKeys list",
        details: {},
      });
    }
  }
  for (const name of Object.keys(original)) if (!kept.has(name)) delete original[name];
}

function listOrUndefined(value: unknown, name: string): readonly unknown[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw unfit(`expected a []interface {} in "${name}", but received a ${typeof value}`);
  return value;
}

function mergeMap(given: Json, patch: Json, schema: StrategicSchema): Json {
  const action = patch[directive];
  if (action === 'replace') return withoutDirectives(patch) as Json; // a map stays a map
  if (action === 'delete') return {};
  if (action !== undefined && action !== 'merge') throw unfit(`unknown patch type: ${String(action)}`);
  const result: Json = { ...given };
  retain(result, patch);
  const ordered = new Set<string>();
  for (const [directiveName, order] of Object.entries(patch)) {
    if (!directiveName.startsWith(setElementOrder)) continue;
    const name = directiveName.slice(setElementOrder.length);
    const [original, patched] = [listOrUndefined(result[name], name), listOrUndefined(patch[name], name)];
    const removed = patch[name] === null;
    const wanted = listOrUndefined(order, directiveName) ?? [];
    if (removed || (!original && !patched)) continue;
    const field = schema.field(name);
    if (!field.merge) continue;
    checkOrder(patched ?? [], wanted, field);
    const gone = listOrUndefined(patch[deleteFromPrimitiveList + name], name) ?? [];
    result[name] = mergeList(without(original ?? [], gone), patched ?? [], field, wanted);
    ordered.add(name);
  }
  for (const [name, value] of Object.entries(patch)) {
    if (name.startsWith(deleteFromPrimitiveList)) {
      const target = name.slice(deleteFromPrimitiveList.length);
      const list = listOrUndefined(result[target], target);
      if (list) result[target] = without(list, listOrUndefined(value, name) ?? []);
    } else if (!name.startsWith('$') && name !== '__proto__' && !ordered.has(name)) {
      mergeMember(result, { name, value }, schema);
    }
  }
  return result;
}

function without(list: readonly unknown[], gone: readonly unknown[]): unknown[] {
  return list.filter((item) => !gone.includes(item));
}

function mergeMember(result: Json, { name, value }: { name: string; value: unknown }, schema: StrategicSchema): void {
  const original = result[name];
  if (value === null) delete result[name];
  else if (isMap(value) && isMap(original)) {
    const field = schema.field(name);
    result[name] = field.replace ? withoutDirectives(value) : mergeMap(original, value, field.schema);
  } else if (Array.isArray(value) && Array.isArray(original)) {
    const field = schema.field(name);
    result[name] = field.merge ? mergeList(original, value, field, value) : withoutDirectives(value);
  } else result[name] = withoutDirectives(value);
}

/**
 * Applies a strategic merge patch to a copy of the object; null changes nothing. Throws 400 for what is no patch and 422 for one
 * that does not fit.
 */
export function applyStrategicMerge(target: object, patch: unknown, schema: StrategicSchema): unknown {
  if (patch === null) return structuredClone(target);
  if (!isMap(patch)) throw badRequest('error decoding patch: a strategic merge patch is an object');
  return mergeMap(structuredClone(target) as Json, patch, schema); // an API object is a map
}
