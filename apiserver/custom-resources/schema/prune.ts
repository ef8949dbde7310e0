import { decode } from '@skiff/api/schema/decode';
import { schemaFor } from '@skiff/api/schema/schema';
import { isMap, itemsOf, type Json, type JsonSchema, valuesOf } from './json-schema.ts';

/** What pruning found. */
export interface Pruned {
  /** Paths of the fields that went: `spec.parts[0].colour`. */
  readonly unknown: string[];
  /** The first value of a wrong type in metadata, in words; whatever else is wrong is for validation to find. */
  wrong: string | undefined;
}

/** What every resource has, the embedded ones too. */
const resourceFields = new Set(['apiVersion', 'kind', 'metadata']);

const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

/**
 * Removes the fields that a structural schema does not know (upstream: apiserver/schema/pruning and objectmeta): metadata is that of all
 * objects, `x-kubernetes-preserve-unknown-fields` keeps what is not named, `x-kubernetes-embedded-resource` marks an object with metadata
 * of its own. Mutates the value.
 */
export function prune(value: Json, schema: JsonSchema, options: { resource?: boolean } = {}): Pruned {
  const pruned: Pruned = { unknown: [], wrong: undefined };
  pruneObject(value, schema, { path: '', resource: options.resource ?? true, pruned });
  return pruned;
}

interface Place {
  readonly path: string;
  /** Whether the object is a resource, with apiVersion, kind and metadata. */
  readonly resource: boolean;
  readonly pruned: Pruned;
}

function pruneObject(object: Json, schema: JsonSchema, { path, resource, pruned }: Place): void {
  const preserve = schema['x-kubernetes-preserve-unknown-fields'] ?? false;
  const { properties = {}, additionalProperties } = schema;
  const values = valuesOf(schema);
  for (const [name, value] of Object.entries(object)) {
    const at = join(path, name);
    if (name === '__proto__') {
      delete object[name];
      continue;
    }
    if (resource && resourceFields.has(name)) {
      if (name === 'metadata' && isMap(value)) object[name] = pruneMetadata(value, at, pruned);
      continue;
    }
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    const inner = property ?? values;
    if (inner) pruneValue(value, inner, at, pruned);
    else if (!preserve && additionalProperties !== true) {
      delete object[name];
      pruned.unknown.push(at);
    } else if (preserve) pruneValue(value, preserved, at, pruned);
  }
}

/** What is inside a field that is kept though no schema names it. */
const preserved: JsonSchema = { 'x-kubernetes-preserve-unknown-fields': true };

function pruneValue(value: unknown, schema: JsonSchema, path: string, pruned: Pruned): void {
  if (Array.isArray(value)) {
    const items = itemsOf(schema) ?? (schema['x-kubernetes-preserve-unknown-fields'] ? preserved : {});
    for (const [index, item] of value.entries()) pruneValue(item, items, `${path}[${index}]`, pruned);
  } else if (isMap(value)) {
    pruneObject(value, schema, { path, resource: schema['x-kubernetes-embedded-resource'] ?? false, pruned });
  }
}

/** Metadata has the fields of ObjectMeta whatever the schema says of it. */
function pruneMetadata(metadata: Json, path: string, pruned: Pruned): Json {
  const { object, wrong, unknown } = decode(metadata, schemaFor('V1ObjectMeta'));
  pruned.unknown.push(...unknown.map((name) => `${path}.${name}`));
  pruned.wrong ??= wrong;
  return object;
}
