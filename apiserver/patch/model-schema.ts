import { type ObjectSchema, type Schema, schemaFor } from '@skiff/api/schema/schema';
import type { StrategicField, StrategicSchema } from './strategic-schema.ts';

/** What a type does not know: nothing merges there. */
const unknown: StrategicSchema = { field: () => plain };
const plain: StrategicField = { merge: false, replace: false, mergeKey: undefined, schema: unknown };

class ModelSchema implements StrategicSchema {
  readonly #schema: ObjectSchema;

  constructor(schema: ObjectSchema) {
    this.#schema = schema;
  }

  field(name: string): StrategicField {
    const field = this.#schema.fields.get(name);
    if (!field) return plain;
    const { merge, replace, mergeKey } = field.merge.patch;
    return { merge, replace, mergeKey, schema: inside(field.schema) };
  }
}

/** The schema of a value's members, or of those of its entries. */
function inside(schema: Schema): StrategicSchema {
  if (schema.is === 'object') return new ModelSchema(schema);
  if (schema.is === 'list') return inside(schema.items);
  if (schema.is === 'map') {
    const values = inside(schema.values);
    return { field: () => ({ ...plain, schema: values }) };
  }
  return unknown;
}

/** How the fields of a model merge. */
export function strategicSchemaOf(model: string): StrategicSchema {
  return new ModelSchema(schemaFor(model));
}
