import { cloneJson } from '@skiff/api/json-value';
import { duplicateFields } from '@skiff/api/schema/duplicate-fields';
import type { Shape } from '../registry/shape.ts';
import type { Json, JsonSchema } from './schema/json-schema.ts';
import { prune } from './schema/prune.ts';

/** How objects of a version of a custom kind are read: pruned by its schema. Strategic merge is not offered. */
export function customShape(schema: JsonSchema): Shape {
  return {
    selfDescribing: true,
    read: (value, json) => {
      const object = cloneJson(value) as Json; // any object has named members
      const { unknown, wrong } = prune(object, schema);
      const repeated = json === undefined ? [] : duplicateFields(json);
      const strict = [
        ...unknown.map((path) => `unknown field "${path}"`),
        ...repeated.map((path) => `duplicate field "${path}"`),
      ];
      return { object, wrong, strict };
    },
    // It was read by its schema, which leaves nothing to bring into form.
    normalize: () => undefined,
    strategic: undefined,
  };
}
