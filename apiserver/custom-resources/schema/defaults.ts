import { isMap, itemsOf, type Json, type JsonSchema, valuesOf } from './json-schema.ts';

/**
 * Fills in a structural schema's defaults, and drops nulls of fields that are not nullable (upstream: apiserver/schema/defaulting): on
 * requests before anything is checked, and on what is read from the store, so that a new default shows at once. Mutates the value.
 */
export function applyDefaults(value: unknown, schema: JsonSchema): void {
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    if (!items) return;
    for (const [index, item] of value.entries()) {
      // A null in a list that may not hold any becomes the default, if there is one.
      if (item === null && !items.nullable && items.default !== undefined)
        value[index] = structuredClone(items.default);
      applyDefaults(value[index], items);
    }
  } else if (isMap(value)) defaultMembers(value, schema);
}

function defaultMembers(object: Json, schema: JsonSchema): void {
  const { properties = {} } = schema;
  for (const [name, property] of Object.entries(properties)) {
    if (Object.hasOwn(object, name) && object[name] === null && !property.nullable) delete object[name];
    if (!Object.hasOwn(object, name) && property.default !== undefined)
      object[name] = structuredClone(property.default);
    if (Object.hasOwn(object, name)) applyDefaults(object[name], property);
  }
  const values = valuesOf(schema);
  if (!values) return;
  for (const [name, value] of Object.entries(object)) {
    if (Object.hasOwn(properties, name)) continue;
    if (value === null && !values.nullable) {
      if (values.default === undefined) {
        delete object[name];
        continue;
      }
      object[name] = structuredClone(values.default);
    }
    applyDefaults(object[name], values);
  }
}
