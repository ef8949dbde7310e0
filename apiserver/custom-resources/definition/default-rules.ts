import { invalidValue } from '@skiff/api/causes';
import type { StatusCause } from '@skiff/api/status';
import { ruleFaults } from '../cel/rules.ts';
import { applyDefaults } from '../schema/defaults.ts';
import { childrenOf, isMap, type JsonSchema } from '../schema/json-schema.ts';
import { validateListTypes } from '../schema/list-types.ts';
import { prune } from '../schema/prune.ts';
import { validateValue } from '../schema/validate.ts';

/** Defaults have only fields that the schema knows, and are valid (upstream: apiserver/schema/defaulting/validation.go). */
export function defaultFaults(schema: JsonSchema, path: string): StatusCause[] {
  const own = schema.default === undefined ? [] : ownFaults(schema, `${path}.default`);
  return [...own, ...[...childrenOf(schema)].flatMap(([at, inner]) => defaultFaults(inner, `${path}.${at}`))];
}

function ownFaults(schema: JsonSchema, path: string): StatusCause[] {
  const value = structuredClone(schema.default);
  if (isMap(value)) {
    const resource = schema['x-kubernetes-embedded-resource'] ?? false;
    const { unknown, wrong } = prune(value, schema, { resource });
    if (wrong) return [invalidValue(path, schema.default, wrong)];
    if (unknown.length) return [invalidValue(path, schema.default, 'must not have unknown fields')];
  }
  applyDefaults(value, schema);
  const found = [...validateValue(value, schema, { path: '', before: undefined }), ...validateListTypes(value, schema)];
  const causes = found.length ? found : ruleFaults(value, schema, undefined);
  return causes.map((cause) => {
    const { field = '' } = cause;
    const inner = field === '<nil>' ? '' : field.startsWith('[') ? field : `.${field}`;
    return { ...cause, field: `${path}${inner}` };
  });
}
