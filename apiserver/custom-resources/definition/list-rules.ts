import { forbiddenField, invalidValue, notSupported, required } from '@skiff/api/causes';
import type { StatusCause } from '@skiff/api/status';
import { itemsOf, type JsonSchema } from '../schema/json-schema.ts';

const listTypes = ['atomic', 'set', 'map'];

/** The rules of `x-kubernetes-list-type` and `x-kubernetes-list-map-keys`. */
export function listFaults(schema: JsonSchema, path: string): StatusCause[] {
  const causes: StatusCause[] = [];
  const type = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const field = `${path}.x-kubernetes-list-type`;
  if (type !== undefined && schema.type !== 'array') {
    const rule = 'must be array if x-kubernetes-list-type is specified';
    causes.push(schema.type ? invalidValue(`${path}.type`, schema.type, rule) : required(`${path}.type`, rule));
  } else if (type === 'set') causes.push(...setFaults(schema, path));
  if (type !== undefined && !listTypes.includes(type)) causes.push(notSupported(field, type, listTypes));
  if (keys.length && type !== 'map') {
    const rule = 'must be map if x-kubernetes-list-map-keys is non-empty';
    causes.push(type === undefined ? required(field, rule) : invalidValue(field, type, rule));
  }
  if (type === 'map') causes.push(...mapFaults(schema, path));
  const items = itemsOf(schema);
  if (items && (type === 'map' || type === 'set')) causes.push(...entryFaults(items, { path, type, keys }));
  return causes;
}

/** What sets hold is compared as a whole. */
function setFaults(schema: JsonSchema, path: string): StatusCause[] {
  const items = itemsOf(schema);
  const rule = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  const list = items?.['x-kubernetes-list-type'];
  if (items?.type === 'array' && list !== undefined && list !== 'atomic') {
    return [invalidValue(`${path}.items.x-kubernetes-list-type`, list, rule)];
  }
  if (items?.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic') {
    return [invalidValue(`${path}.items.x-kubernetes-map-type`, items['x-kubernetes-map-type'] ?? null, rule)];
  }
  return [];
}

function mapFaults(schema: JsonSchema, path: string): StatusCause[] {
  const causes: StatusCause[] = [];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const field = `${path}.x-kubernetes-list-map-keys`;
  if (keys.length === 0) causes.push(required(field, 'must not be empty if x-kubernetes-list-type is map'));
  if (schema.items === undefined) {
    return [...causes, required(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map')];
  }
  const items = itemsOf(schema);
  if (!items) {
    const rule = 'must only have a single schema if x-kubernetes-list-type is map';
    return [...causes, invalidValue(`${path}.items`, schema.items, rule)];
  }
  if (items.type !== 'object') {
    const rule = "must be object if parent array's x-kubernetes-list-type is map";
    return [...causes, invalidValue(`${path}.items.type`, items.type ?? '', rule)];
  }
  const seen = new Set<string>();
  for (const key of keys) {
    const property = items.properties?.[key];
    if (!property) causes.push(invalidValue(field, keys, 'entries must all be names of item properties'));
    else if (property.type === 'array' || property.type === 'object') {
      const rule = "must be a scalar type if parent array's x-kubernetes-list-type is map";
      causes.push(invalidValue(`${path}.items.properties[${key}].type`, items.type, rule));
    }
    if (seen.has(key)) causes.push(invalidValue(field, keys, 'must not contain duplicate entries'));
    seen.add(key);
  }
  return causes;
}

/** Entries that are told apart by what they are have to be something. */
function entryFaults(
  items: JsonSchema,
  { path, type, keys }: { path: string; type: string; keys: readonly string[] },
): StatusCause[] {
  const causes: StatusCause[] = [];
  if (items.nullable) {
    causes.push(forbiddenField(`${path}.items.nullable`, `cannot be nullable when x-kubernetes-list-type is ${type}`));
  }
  if (type !== 'map') return causes;
  for (const key of keys) {
    const property = items.properties?.[key];
    if (!property) continue;
    const at = `${path}.items.properties[${key}]`;
    if (!items.required?.includes(key) && property.default === undefined) {
      const rule =
        'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property';
      causes.push(required(`${at}.default`, rule));
    }
    if (property.nullable) {
      const rule = 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable';
      causes.push(forbiddenField(`${at}.nullable`, rule));
    }
  }
  return causes;
}
