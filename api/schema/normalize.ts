import { isLeftOut } from './decode.ts';
import type { ObjectSchema, Schema } from './schema.ts';

/**
 * Brings an object into the form that Kubernetes writes: fields that Go's encoder leaves out go, fields that it always writes
 * come (`status: {}`, `resources: {}`, `lastTransitionTime: null`). Mutates the object.
 */
export function normalize(object: Record<string, unknown>, schema: ObjectSchema): void {
  for (const [name, field] of schema.fields) {
    const value = object[name];
    if (value === undefined || value === null || isLeftOut(value, field)) {
      const { absent } = field;
      if (!absent) {
        // Assigned first: deleting what is not there is slow.
        if (name in object) delete object[name];
      } else if (absent.value === 'struct' && field.schema.is === 'object') {
        const empty: Record<string, unknown> = {};
        normalize(empty, field.schema);
        object[name] = empty;
      } else object[name] = absent.value;
    } else normalizeValue(value, field.schema);
  }
}

function normalizeValue(value: unknown, schema: Schema): void {
  if (schema.is === 'object')
    normalize(value as Record<string, unknown>, schema); // decoded by this schema
  else if (schema.is === 'list' && schema.items.is !== 'scalar') {
    for (const item of value as unknown[]) normalizeValue(item, schema.items); // likewise
  } else if (schema.is === 'map' && schema.values.is !== 'scalar') {
    for (const member of Object.values(value as object)) normalizeValue(member, schema.values); // likewise
  }
}
