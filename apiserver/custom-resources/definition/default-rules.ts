import { invalidValue } from '@skiff/api/causes';
import type { StatusCause } from '@skiff/api/status';
import { ruleFaults } from '../cel/rules.ts';
import { validateEmbedded } from '../schema/embedded.ts';
import { isMap, itemsOf, type JsonSchema } from '../schema/json-schema.ts';
import { prune } from '../schema/prune.ts';
import { validateValue, wholeObject } from '../schema/validate.ts';

/**
 * Defaults have only fields that the schema knows, and are valid as they are written, without the defaults inside of them (upstream:
 * apiserver/schema/defaulting/validation.go). Those of the members of maps are not looked at.
 */
export function defaultFaults(schema: JsonSchema, path: string): StatusCause[] {
  const items = itemsOf(schema);
  return [
    ...(schema.default === undefined ? [] : ownFaults(schema, `${path}.default`)),
    ...(items ? defaultFaults(items, `${path}.items`) : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, inner]) =>
      defaultFaults(inner, `${path}.properties[${name}]`),
    ),
  ];
}

function ownFaults(schema: JsonSchema, path: string): StatusCause[] {
  const causes: StatusCause[] = [];
  if (isMap(schema.default)) {
    const resource = schema['x-kubernetes-embedded-resource'] ?? false;
    const { unknown, wrong } = prune(structuredClone(schema.default), schema, { resource });
    if (unknown.length) causes.push(invalidValue(path, schema.default, 'must not have unknown fields'));
    if (wrong) return [...causes, invalidValue(path, schema.default, wrong)];
  }
  return [...causes, ...valueFaults(schema, path)];
}

/** Each kind of check is made where the ones before it found nothing. */
function valueFaults(schema: JsonSchema, path: string): StatusCause[] {
  const value = schema.default;
  const metadata = validateEmbedded(value, schema, path);
  if (metadata.length) return metadata;
  const shape = validateValue(value, schema, { path: '', before: undefined });
  if (shape.length) {
    return shape.map((cause) => ({ ...cause, field: cause.field === wholeObject ? path : `${path}.${cause.field}` }));
  }
  return ruleFaults(value, schema).map((cause) => ({ ...cause, field: inside(path, cause.field ?? '') }));
}

function inside(path: string, field: string): string {
  if (field === wholeObject) return path;
  return field.startsWith('[') ? `${path}${field}` : `${path}.${field}`;
}
