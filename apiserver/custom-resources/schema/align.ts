import { keyOf } from './correlate.ts';
import { isMap, itemsOf, type JsonSchema, memberOf } from './json-schema.ts';

/**
 * A value with its sets and map lists in the order that another value has them in, as far as it has the same entries: the order of those
 * means nothing, and so their comparison must not hang on it.
 */
export function aligned(value: unknown, like: unknown, schema: JsonSchema): unknown {
  if (Array.isArray(value) && Array.isArray(like)) return alignedList(value, like, schema);
  if (!isMap(value) || !isMap(like)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const inner = memberOf(schema, name);
      return [name, inner ? aligned(member, like[name], inner) : member];
    }),
  );
}

function alignedList(value: readonly unknown[], like: readonly unknown[], schema: JsonSchema): readonly unknown[] {
  const items = itemsOf(schema);
  const keys = keysOf(schema);
  if (!items || !keys) return value;
  const places = new Map(like.map((item, index) => [keys(item), index]));
  const placeOf = (item: unknown): number => places.get(keys(item)) ?? like.length;
  return [...value].sort((a, b) => placeOf(a) - placeOf(b)).map((item) => aligned(item, like[placeOf(item)], items));
}

/** What tells the entries of a list apart; undefined of lists whose entries only their places tell apart. */
function keysOf(schema: JsonSchema): ((item: unknown) => string) | undefined {
  switch (schema['x-kubernetes-list-type']) {
    case 'set':
      return (item) => JSON.stringify(item);
    case 'map':
      return (item) => keyOf(item, schema['x-kubernetes-list-map-keys'] ?? []);
    default:
      return undefined;
  }
}
