import type { StrategicSchema } from './strategic-schema.ts';

const plain: StrategicSchema = {
  field: () => ({ merge: false, replace: false, mergeKey: undefined, schema: plain }),
};

/** How the fields of a model merge. */
export function strategicSchemaOf(_model: string): StrategicSchema {
  return plain;
}
