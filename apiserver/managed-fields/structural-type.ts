import { anyMap, anyType, type ListKey, type MapType, type MergeType, type ScalarType } from './merge-type.ts';
import { modelType } from './model-type.ts';

/** What of a CustomResourceDefinition's schema decides how values merge (upstream: kube-openapi, pkg/schemaconv). */
export interface StructuralSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  /** `true` allows all. */
  readonly additionalProperties?: StructuralSchema | boolean;
  readonly items?: StructuralSchema;
  readonly default?: unknown;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: string;
}

const text: ScalarType = { is: 'scalar', type: 'string' };
const scalars: Readonly<Record<string, ScalarType>> = {
  string: text,
  boolean: { is: 'scalar', type: 'boolean' },
  number: { is: 'scalar', type: 'numeric' },
  integer: { is: 'scalar', type: 'numeric' },
};

/** How the objects of a custom resource merge. Without a schema, everything may be there. */
export function customResourceType(schema: StructuralSchema | undefined): MapType {
  const type = schema && typeOf(schema);
  return asResource(type?.is === 'map' ? type : anyMap);
}

/** What every object has beside what its schema says. */
function asResource(type: MapType): MapType {
  const metadata = modelType('V1ObjectMeta');
  return {
    ...type,
    atomic: false,
    field(name) {
      if (name === 'metadata') return metadata;
      return name === 'apiVersion' || name === 'kind' ? text : type.field(name);
    },
  };
}

function typeOf(schema: StructuralSchema): MergeType {
  if (schema['x-kubernetes-int-or-string']) return { is: 'scalar', type: 'untyped' };
  if (schema.type === 'array') return listOf(schema);
  const isObject = schema.type === 'object' || schema.properties !== undefined;
  if (!isObject) return scalars[schema.type ?? ''] ?? anyType;
  const map = mapOf(schema);
  return schema['x-kubernetes-embedded-resource'] ? asResource(map) : map;
}

function mapOf(schema: StructuralSchema): MapType {
  const { properties = {}, additionalProperties: more } = schema;
  const fields = new Map(Object.entries(properties).map(([name, inside]) => [name, typeOf(inside)]));
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true || more === true;
  // An object of which nothing is said may hold anything.
  const values = typeof more === 'object' ? typeOf(more) : open || fields.size === 0 ? anyType : undefined;
  return {
    is: 'map',
    atomic: schema['x-kubernetes-map-type'] === 'atomic',
    field: (name) => fields.get(name),
    values,
  };
}

function listOf(schema: StructuralSchema): MergeType {
  const { items = {}, 'x-kubernetes-list-type': entries, 'x-kubernetes-list-map-keys': keys = [] } = schema;
  const keyOf = (name: string): ListKey => ({ name, default: items.properties?.[name]?.default });
  return {
    is: 'list',
    entries: entries === 'map' || entries === 'set' ? entries : 'atomic',
    keys: keys.map(keyOf).sort((a, b) => (a.name < b.name ? -1 : 1)),
    items: typeOf(items),
  };
}
