import { isDeepStrictEqual } from 'node:util';
import { forbiddenField, invalidValue, required } from '@skiff/api/causes';
import type { StatusCause } from '@skiff/api/status';
import { childrenOf, itemsOf, type JsonSchema, junctorsOf } from '../schema/json-schema.ts';
import { patternOf } from '../schema/pattern.ts';

/** Where a schema is: at the root, in a list, or in an object or map. */
type Level = 'root' | 'item' | 'field';

const intOrString: readonly JsonSchema[] = [{ type: 'integer' }, { type: 'string' }];

/**
 * Whether a schema is structural: every field, list and type is said outside of `allOf`, `anyOf`, `oneOf` and `not`, which only
 * restrict values (upstream: apiextensions-apiserver/pkg/apiserver/schema/validation.go; KEP-1164).
 */
export function structuralFaults(schema: JsonSchema, path: string): StatusCause[] {
  const causes = [...invariants(schema, path, 'root'), ...completeness(schema, path)];
  return causes.sort((a, b) => (`${a.field} ${a.message}` < `${b.field} ${b.message}` ? -1 : 1));
}

function invariants(schema: JsonSchema, path: string, level: Level): StatusCause[] {
  const causes: StatusCause[] = [];
  if (schema.type === 'array' && schema.items === undefined)
    causes.push(required(`${path}.items`, 'must be specified'));
  for (const [at, inner] of childrenOf(schema)) {
    causes.push(...invariants(inner, `${path}.${at}`, at === 'items' ? 'item' : 'field'));
  }
  if (schema.additionalProperties !== undefined && level === 'root') {
    causes.push(forbiddenField(`${path}.additionalProperties`, 'must not be used at the root'));
  }
  return [
    ...causes,
    ...extensions(schema, path),
    ...values(schema, path),
    ...types(schema, path, level),
    ...resource(schema, path, level),
  ];
}

function extensions(schema: JsonSchema, path: string): StatusCause[] {
  if (!schema['x-kubernetes-int-or-string']) return [];
  return (['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const)
    .filter((name) => schema[name])
    .map((name) => invalidValue(`${path}.${name}`, true, 'must be false if x-kubernetes-int-or-string is true'));
}

function types(schema: JsonSchema, path: string, level: Level): StatusCause[] {
  const { type } = schema;
  const field = `${path}.type`;
  if (schema['x-kubernetes-embedded-resource'] && type !== 'object') {
    const rule = 'must be object if x-kubernetes-embedded-resource is true';
    return [type ? invalidValue(field, type, rule) : required(field, rule)];
  }
  if (!type && !schema['x-kubernetes-int-or-string'] && !schema['x-kubernetes-preserve-unknown-fields']) {
    const where = { root: 'at the root', item: 'for specified array items', field: 'for specified object fields' };
    return [required(field, `must not be empty ${where[level]}`)];
  }
  return level === 'root' && type && type !== 'object' ? [invalidValue(field, type, 'must be object at the root')] : [];
}

/** What a resource is, its schema may not say otherwise. */
function resource(schema: JsonSchema, path: string, level: Level): StatusCause[] {
  const causes: StatusCause[] = [];
  const embedded = schema['x-kubernetes-embedded-resource'] ?? false;
  const { properties = {} } = schema;
  if (embedded && schema.additionalProperties !== undefined) {
    const rule = 'must not be used if x-kubernetes-embedded-resource is set';
    causes.push(forbiddenField(`${path}.additionalProperties`, rule));
  }
  if (level === 'root' || embedded) {
    for (const name of ['kind', 'apiVersion']) {
      const property = properties[name];
      if (!property || property.type === 'string') continue;
      causes.push(invalidValue(`${path}.properties[${name}].type`, property.type ?? '', 'must be string'));
    }
    const { metadata } = properties;
    if (metadata && metadata.type !== 'object') {
      causes.push(invalidValue(`${path}.properties[metadata].type`, metadata.type ?? '', 'must be object'));
    }
    if (metadata && level === 'root' && !restrictsNamesOnly(metadata)) {
      const rule = 'must not specify anything other than name and generateName, but metadata is implicitly specified';
      causes.push(forbiddenField(`${path}.properties[metadata]`, rule));
    }
  }
  const preserved = schema['x-kubernetes-preserve-unknown-fields'];
  if (embedded && !preserved && Object.keys(properties).length === 0) {
    const rule =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    causes.push(required(`${path}.properties`, rule));
  }
  return causes;
}

function restrictsNamesOnly({
  type: _type,
  description: _text,
  properties,
  default: _default,
  ...rest
}: JsonSchema): boolean {
  const others = Object.keys(properties ?? {}).filter((name) => name !== 'name' && name !== 'generateName');
  return others.length === 0 && Object.keys(rest).length === 0;
}

/** The junctors of a schema that says what there is. */
function values(schema: JsonSchema, path: string): StatusCause[] {
  const first = schema.allOf?.[0];
  return junctors(schema, path, {
    skipAnyOf: isDeepStrictEqual(schema.anyOf, intOrString),
    skipFirst: first !== undefined && isDeepStrictEqual(first.anyOf, intOrString),
  });
}

/** One way to say int-or-string in schemas of other tools is allowed though it names types. */
interface Skip {
  readonly skipAnyOf: boolean;
  readonly skipFirst: boolean;
}
const noSkip: Skip = { skipAnyOf: false, skipFirst: false };

function junctors(schema: JsonSchema, path: string, { skipAnyOf, skipFirst }: Skip): StatusCause[] {
  const causes: StatusCause[] = [];
  if (!skipAnyOf)
    for (const [i, inner] of (schema.anyOf ?? []).entries()) causes.push(...nested(inner, `${path}.anyOf[${i}]`));
  for (const [i, inner] of (schema.allOf ?? []).entries()) {
    causes.push(...nested(inner, `${path}.allOf[${i}]`, { skipAnyOf: skipFirst && i === 0, skipFirst: false }));
  }
  for (const [i, inner] of (schema.oneOf ?? []).entries()) causes.push(...nested(inner, `${path}.oneOf[${i}]`));
  if (schema.not) causes.push(...nested(schema.not, `${path}.not`));
  if (schema.pattern && !patternOf(schema.pattern)) {
    const rule = `must be a valid regular expression, but isn't: error parsing regexp: ${schema.pattern}`;
    causes.push(invalidValue(`${path}.pattern`, schema.pattern, rule));
  }
  return causes;
}

/** What may not be said inside of a junctor, and the words for it. */
const forbidden: readonly (readonly [name: keyof JsonSchema, rule: string])[] = [
  ['type', 'must be empty to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['externalDocs', 'must be undefined to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
];

const isSet = (value: unknown): boolean => value !== undefined && value !== false && value !== '';

/** A schema inside of a junctor, which may only restrict values. */
function nested(schema: JsonSchema, path: string, skip: Skip = noSkip): StatusCause[] {
  const causes = junctors(schema, path, skip);
  const items = itemsOf(schema);
  if (items) causes.push(...nested(items, `${path}.items`));
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    causes.push(...nested(property, `${path}.properties[${name}]`));
  }
  for (const [name, rule] of forbidden) if (isSet(schema[name])) causes.push(forbiddenField(`${path}.${name}`, rule));
  if (schema.properties?.['metadata']) {
    causes.push(forbiddenField(`${path}.properties[metadata]`, 'must not be specified in a nested context'));
  }
  return causes;
}

/** Fields and lists of which a junctor speaks have to be said outside of it too. */
function completeness(schema: JsonSchema, path: string): StatusCause[] {
  const inner = [...childrenOf(schema)].flatMap(([at, child]) => completeness(child, `${path}.${at}`));
  return [...restrictedBy(schema, { schema, path, from: path }), ...inner];
}

/** A schema that is restricted, where it is, and where the schema is that restricts it. */
interface Restricted {
  readonly schema: JsonSchema | undefined;
  readonly path: string;
  readonly from: string;
}

const restrictedBy = (restricting: JsonSchema, { from, ...rest }: Restricted): StatusCause[] =>
  [...junctorsOf(restricting)].flatMap(([at, junctor]) => covered(junctor, { ...rest, from: `${from}.${at}` }));

/** Whether what a schema inside of a junctor names is there in the schema that it restricts. */
function covered(restricting: JsonSchema, restricted: Restricted): StatusCause[] {
  const { schema, path, from } = restricted;
  if (!schema) return [required(path, `because it is defined in ${from}`)];
  const causes = restrictedBy(restricting, restricted);
  const inside = (at: string, inner: JsonSchema | undefined): Restricted => ({
    schema: inner,
    path: `${path}.${at}`,
    from: `${from}.${at}`,
  });
  const items = itemsOf(restricting);
  if (items) causes.push(...covered(items, inside('items', itemsOf(schema))));
  for (const [name, property] of Object.entries(restricting.properties ?? {})) {
    causes.push(...covered(property, inside(`properties[${name}]`, propertyOf(schema, name))));
  }
  return causes;
}

const propertyOf = ({ properties }: JsonSchema, name: string): JsonSchema | undefined =>
  properties && Object.hasOwn(properties, name) ? properties[name] : undefined;
