import { duplicate } from '@skiff/api/causes';
import type { StatusCause } from '@skiff/api/status';
import { keyOf } from './correlate.ts';
import { isMap, itemsOf, type JsonSchema, memberOf } from './json-schema.ts';

/** Sets hold each value once, map lists each key (upstream: apiserver/schema/listtype). `path` is that of the value. */
export function validateListTypes(value: unknown, schema: JsonSchema, path = ''): StatusCause[] {
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    const inner = items ? value.flatMap((item, index) => validateListTypes(item, items, `${path}[${index}]`)) : [];
    return [...repeated(value, schema, path), ...inner];
  }
  if (!isMap(value)) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const inner = memberOf(schema, name);
    return inner ? validateListTypes(member, inner, path === '' ? name : `${path}.${name}`) : [];
  });
}

function repeated(list: readonly unknown[], schema: JsonSchema, path: string): StatusCause[] {
  const causes: StatusCause[] = [];
  const seen = new Set<string>();
  const type = schema['x-kubernetes-list-type'];
  if (type !== 'set' && type !== 'map') return causes;
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  for (const [index, item] of list.entries()) {
    const identity = type === 'map' ? keyOf(item, keys) : canonical(item);
    if (seen.has(identity)) causes.push(duplicate(`${path}[${index}]`, type === 'map' ? keyed(item, keys) : item));
    seen.add(identity);
  }
  return causes;
}

const keyed = (item: unknown, keys: readonly string[]): object =>
  Object.fromEntries(keys.map((key) => [key, isMap(item) ? item[key] : undefined]));

/** The same text for values that are equal: members of objects have no order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    isMap(member) ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1))) : member,
  );
}
