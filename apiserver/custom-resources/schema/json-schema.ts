/**
 * A schema as a CustomResourceDefinition has it (`JSONSchemaProps` of apiextensions.k8s.io/v1). Schemas of definitions that were
 * stored are structural: types, defaults, pruning and lists are said outside of `allOf`, `anyOf`, `oneOf` and `not`, which only validate.
 */
export interface JsonSchema {
  readonly type?: string;
  readonly format?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly example?: unknown;
  readonly nullable?: boolean;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema | readonly JsonSchema[];
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly allOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly not?: JsonSchema;
  readonly id?: string;
  readonly $ref?: string;
  readonly $schema?: string;
  readonly externalDocs?: object;
  readonly additionalItems?: unknown;
  readonly patternProperties?: object;
  readonly definitions?: object;
  readonly dependencies?: object;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: string;
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[];
}

/** A rule in the Common Expression Language. */
export interface ValidationRule {
  readonly rule: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: string;
  readonly fieldPath?: string;
  readonly optionalOldSelf?: boolean;
}

export type Json = Record<string, unknown>;

export const isMap = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The schema of a list's items; structural schemas have one for all items. */
export function itemsOf(schema: JsonSchema): JsonSchema | undefined {
  const { items } = schema;
  // The type guard of arrays does not narrow read-only ones.
  return items === undefined || Array.isArray(items) ? undefined : (items as JsonSchema);
}

/** The schema of the members of a map that names none. */
export function valuesOf({ additionalProperties }: JsonSchema): JsonSchema | undefined {
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

/** The schema of a member of an object or map; undefined where the schema does not say. */
export function memberOf(schema: JsonSchema, name: string): JsonSchema | undefined {
  const { properties } = schema;
  return properties && Object.hasOwn(properties, name) ? properties[name] : valuesOf(schema);
}

/** The schemas inside a schema that say what there is, not those that only validate, with where they are: `properties[spec]`. */
export function* childrenOf(schema: JsonSchema): Generator<readonly [path: string, schema: JsonSchema]> {
  const values = valuesOf(schema);
  const items = itemsOf(schema);
  if (values) yield ['additionalProperties', values];
  for (const [name, property] of Object.entries(schema.properties ?? {})) yield [`properties[${name}]`, property];
  if (items) yield ['items', items];
}

/** The schemas inside a schema that only validate. */
export function* junctorsOf(schema: JsonSchema): Generator<readonly [path: string, schema: JsonSchema]> {
  if (schema.not) yield ['not', schema.not];
  for (const junctor of ['allOf', 'anyOf', 'oneOf'] as const) {
    for (const [index, inner] of (schema[junctor] ?? []).entries()) yield [`${junctor}[${index}]`, inner];
  }
}

/** A schema and all inside it. */
export function* allSchemas(schema: JsonSchema): Generator<JsonSchema> {
  yield schema;
  for (const [, inner] of childrenOf(schema)) yield* allSchemas(inner);
  for (const [, inner] of junctorsOf(schema)) yield* allSchemas(inner);
}

/** Whether this holds of a schema or of any inside it. */
export function someSchema(schema: JsonSchema, holds: (schema: JsonSchema) => boolean): boolean {
  for (const inner of allSchemas(schema)) if (holds(inner)) return true;
  return false;
}
