import { isDeepStrictEqual } from 'node:util';
import type { Kind } from '@skiff/api/kinds';
import { nameOf } from '../openapi/names.ts';
import type { Dialect } from '../openapi/schemas.ts';
import { type DefinitionVersion, schemaOf } from './definition/definition.ts';
import { isMap, itemsOf, type Json, type JsonSchema, valuesOf } from './schema/json-schema.ts';

/** The name of a custom kind in the OpenAPI documents: `com.example.stable.v1.CronTab`. */
export function openApiName({ group, version, kind }: { group: string; version: string; kind: string }): string {
  return [...group.split('.').reverse(), version, kind].join('.');
}

const reference = (model: string, dialect: Dialect): string =>
  `${dialect === 'v3' ? '#/components/schemas' : '#/definitions'}/${nameOf(model)}`;

const refer = (model: string, dialect: Dialect, description: string): Json =>
  dialect === 'v3'
    ? { description, allOf: [{ $ref: reference(model, dialect) }] }
    : { description, $ref: reference(model, dialect) };

const typeMeta = {
  apiVersion: {
    description:
      'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources',
    type: 'string',
  },
  kind: {
    description:
      'Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
    type: 'string',
  },
};
const metadataDescription =
  "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

const intOrString = [{ type: 'integer' }, { type: 'string' }];
/** The ways in which schemas say themselves that a value is a number or a text. */
const saysIntOrString = ({ anyOf, allOf }: JsonSchema): boolean =>
  isDeepStrictEqual(anyOf, intOrString) || isDeepStrictEqual(allOf?.[0]?.anyOf, intOrString);

/** Says to those who do not know `x-kubernetes-int-or-string` what it means (upstream: Structural.Unfold). */
function unfolded(schema: JsonSchema): JsonSchema {
  if (!schema['x-kubernetes-int-or-string'] || saysIntOrString(schema)) return schema;
  if (!schema.anyOf) return { ...schema, anyOf: intOrString };
  return { ...schema, allOf: [{ anyOf: intOrString }, ...(schema.allOf ?? [])] };
}

/** What OpenAPI 2.0 does not have; defaults are left out for clients that trip over them. */
const absentInV2 = ['allOf', 'anyOf', 'oneOf', 'not', 'nullable', 'default'] as const;

/** Leaves out what OpenAPI 2.0 cannot say, or what kubectl trips over (upstream: ToStructuralOpenAPIV2). */
function reduced(schema: JsonSchema): JsonSchema {
  const left: { -readonly [K in keyof JsonSchema]: JsonSchema[K] } = { ...schema };
  const preserved = schema['x-kubernetes-preserve-unknown-fields'];
  if (schema.nullable) delete left.type;
  if (schema.nullable || preserved) {
    delete left.items;
    delete left.properties;
  }
  if ((left.type === 'array' && !left.items) || (left.type === 'object' && preserved)) delete left.type;
  const required = left.required?.filter((name) => !left.properties?.[name]?.nullable) ?? [];
  if (required.length && !valuesOf(schema)?.nullable) left.required = required;
  else delete left.required;
  for (const name of absentInV2) delete left[name];
  return left;
}

/** The documents have the rules of values, but no examples or links. */
const unpublished = ['example', 'externalDocs'] as const;

function inDialect(given: JsonSchema, dialect: Dialect): Json {
  const schema = dialect === 'v2' ? reduced(given) : unfolded(given);
  const items = itemsOf(schema);
  const values = valuesOf(schema);
  const result: Json = {
    ...schema,
    ...(schema.properties && {
      properties: Object.fromEntries(
        Object.entries(schema.properties).map(([name, property]) => [name, inDialect(property, dialect)]),
      ),
    }),
    ...(items && { items: inDialect(items, dialect) }),
    ...(values && { additionalProperties: inDialect(values, dialect) }),
  };
  for (const name of unpublished) delete result[name];
  // What would be named here, clients of 2.0 would take for all that there may be.
  const open = dialect === 'v2' && schema['x-kubernetes-preserve-unknown-fields'];
  if (schema['x-kubernetes-embedded-resource'] && !open) embed(result, dialect);
  return result;
}

/** Embedded resources have the fields of all resources. */
function embed(result: Json, dialect: Dialect): void {
  const own = isMap(result['properties']) ? result['properties'] : {};
  const metadata = refer('V1ObjectMeta', dialect, metadataDescription);
  result['properties'] = { ...own, ...typeMeta, metadata };
  result['required'] = [...new Set([...((result['required'] as string[] | undefined) ?? []), 'kind', 'apiVersion'])];
}

/** The schemas of a version of a custom kind and of its lists. */
export function openApiSchemas(kind: Kind, version: DefinitionVersion, dialect: Dialect): Record<string, object> {
  const gvk = (name: string): Json[] => [{ group: kind.group, kind: name, version: kind.version }];
  const schema = schemaOf(version);
  const known =
    version.schema?.openAPIV3Schema !== undefined &&
    !(dialect === 'v2' && schema['x-kubernetes-preserve-unknown-fields']);
  const own = known ? inDialect(schema, dialect) : { type: 'object' };
  const properties = isMap(own['properties']) ? own['properties'] : {};
  const metadata = refer('V1ObjectMeta', dialect, metadataDescription);
  const object = {
    ...own,
    // Clients take what is named for all that there may be.
    ...(known && { properties: { ...properties, ...typeMeta, metadata } }),
    'x-kubernetes-group-version-kind': gvk(kind.kind),
  };
  const listKind = kind.listKind ?? `${kind.kind}List`;
  const $ref = `${dialect === 'v3' ? '#/components/schemas' : '#/definitions'}/${kind.model}`;
  const list = {
    description: `${listKind} is a list of ${kind.kind}`,
    type: 'object',
    required: ['items'],
    properties: {
      ...typeMeta,
      items: {
        description: `List of ${kind.plural}. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md`,
        type: 'array',
        items: { $ref },
      },
      metadata: refer(
        'V1ListMeta',
        dialect,
        'Standard list metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
      ),
    },
    'x-kubernetes-group-version-kind': gvk(listKind),
  };
  return { [kind.model]: object, [`${kind.model}List`]: list };
}
