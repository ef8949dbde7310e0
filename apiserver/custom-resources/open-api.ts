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

/** What OpenAPI 2.0 does not have, or what its readers trip over (upstream: apiextensions-apiserver/pkg/controller/openapi/v2). */
const absentInV2 = ['oneOf', 'anyOf', 'not', 'nullable', 'default'] as const;

function inDialect(schema: JsonSchema, dialect: Dialect): Json {
  const { properties, ...rest } = schema;
  const items = itemsOf(schema);
  const values = valuesOf(schema);
  const result: Json = {
    ...rest,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [name, inDialect(property, dialect)]),
      ),
    }),
    ...(items && { items: inDialect(items, dialect) }),
    ...(values && { additionalProperties: inDialect(values, dialect) }),
  };
  if (schema['x-kubernetes-embedded-resource']) embed(result, dialect);
  if (dialect === 'v3') return result;
  for (const name of absentInV2) delete result[name];
  // Clients of 2.0 check types that they know, and would refuse what the server takes.
  if (schema.nullable || schema['x-kubernetes-int-or-string'])
    for (const name of ['type', 'items', 'properties']) delete result[name];
  if (schema['x-kubernetes-preserve-unknown-fields']) {
    for (const name of ['items', 'properties', ...(schema.type === 'object' ? [] : ['type'])]) delete result[name];
  }
  return result;
}

/** Embedded resources have the fields of all resources. */
function embed(result: Json, dialect: Dialect): void {
  const own = isMap(result['properties']) ? result['properties'] : {};
  const metadata = refer('V1ObjectMeta', dialect, metadataDescription);
  result['properties'] = { ...own, ...typeMeta, metadata };
  result['required'] = [...new Set([...((result['required'] as string[] | undefined) ?? []), 'apiVersion', 'kind'])];
}

/** The schemas of a version of a custom kind and of its lists. */
export function openApiSchemas(kind: Kind, version: DefinitionVersion, dialect: Dialect): Record<string, object> {
  const gvk = (name: string): Json[] => [{ group: kind.group, kind: name, version: kind.version }];
  const schema = schemaOf(version);
  const known =
    version.schema?.openAPIV3Schema !== undefined &&
    !(dialect === 'v2' && schema['x-kubernetes-preserve-unknown-fields']);
  const own = known ? inDialect(schema, dialect) : { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const properties = isMap(own['properties']) ? own['properties'] : {};
  const object = {
    ...own,
    properties: { ...properties, ...typeMeta, metadata: refer('V1ObjectMeta', dialect, metadataDescription) },
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
