import { decode } from '@skiff/api/schema/decode';
import { type ObjectSchema, schemaFor } from '@skiff/api/schema/schema';
import { badRequest } from '@skiff/api/status';
import { isMap, type Json } from '../schema/json-schema.ts';

const propsSchema = (): ObjectSchema => schemaFor('V1JSONSchemaProps');

/**
 * `items` and `additionalProperties` may be other things than schemas too, so the declarations say nothing of what is in them: where
 * they are schemas, they are read as such. Mutates. Throws 400.
 */
export function readNested(version: { schema?: unknown }): void {
  if (!isMap(version.schema)) return;
  const { openAPIV3Schema } = version.schema;
  if (isMap(openAPIV3Schema)) nest(openAPIV3Schema);
}

function nest(schema: Json): void {
  for (const name of ['items', 'additionalProperties', 'additionalItems']) {
    const inner = schema[name];
    if (!isMap(inner)) continue;
    const { object, wrong } = decode(inner, propsSchema());
    if (wrong !== undefined) {
      const what = 'CustomResourceDefinition in version "v1" cannot be handled as a CustomResourceDefinition';
      throw badRequest(`${what}: ${wrong}`);
    }
    schema[name] = object;
  }
  for (const name of ['items', 'additionalProperties', 'not']) if (isMap(schema[name])) nest(schema[name]);
  for (const name of ['allOf', 'anyOf', 'oneOf']) {
    const list = schema[name];
    if (Array.isArray(list)) for (const inner of list) if (isMap(inner)) nest(inner);
  }
  for (const name of ['properties', 'patternProperties', 'definitions']) {
    const map = schema[name];
    if (isMap(map)) for (const inner of Object.values(map)) if (isMap(inner)) nest(inner);
  }
}
