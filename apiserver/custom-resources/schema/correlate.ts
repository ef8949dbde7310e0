import { isMap, type Json, type JsonSchema } from './json-schema.ts';

/** A value as it was before an update; undefined where there was none, or none that can be told to be the same one. */
export type Before = { readonly value: unknown } | undefined;

/** What a member of an object was. */
export function memberBefore(before: Before, name: string): Before {
  if (!before || !isMap(before.value) || !Object.hasOwn(before.value, name)) return undefined;
  return { value: before.value[name] };
}

/** The values of the keys that tell the entries of a map list apart, as one text. */
export function keyOf(item: unknown, keys: readonly string[]): string {
  return JSON.stringify(keys.map((key) => (isMap(item) ? (item[key] ?? null) : null)));
}

/** What an item of a list was: only entries of `x-kubernetes-list-type: map` can be found again. */
export function itemBefore(before: Before, item: unknown, schema: JsonSchema): Before {
  if (!before || !Array.isArray(before.value) || schema['x-kubernetes-list-type'] !== 'map') return undefined;
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const wanted = keyOf(item, keys);
  const found: Json | undefined = before.value.find((candidate) => keyOf(candidate, keys) === wanted);
  return found && { value: found };
}
