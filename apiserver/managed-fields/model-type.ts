import type { MergeRule } from '@skiff/api/schema/merge-rules';
import type { Field, ObjectSchema, ScalarSchema, Schema } from '@skiff/api/schema/schema';
import { schemaFor } from '@skiff/api/schema/schema';
import { anyType, type ListKey, type MapType, type MergeType, type ScalarType, untracked } from './merge-type.ts';

const numeric: ScalarType = { is: 'scalar', type: 'numeric' };
const untyped: ScalarType = { is: 'scalar', type: 'untyped' };
const text: ScalarType = { is: 'scalar', type: 'string' };
const scalars: Readonly<Record<Exclude<ScalarSchema['type'], 'any'>, ScalarType>> = {
  string: text,
  bytes: text,
  boolean: { is: 'scalar', type: 'boolean' },
  int32: numeric,
  int64: numeric,
  double: numeric,
  time: untyped,
  microTime: untyped,
  quantity: untyped,
  intOrString: untyped,
};

const models = new Map<string, MapType>();
const fields = new WeakMap<Field, MergeType>();

/** How the objects of a model of the generated schema merge, as `V1Pod`. */
export const modelType = (model: string): MapType => structType(schemaFor(model));

function structType(schema: ObjectSchema): MapType {
  let type = models.get(schema.model);
  if (!type) {
    type = {
      is: 'map',
      atomic: schema.atomic,
      values: undefined,
      field(name) {
        const field = schema.fields.get(name);
        return field && fieldType(schema, field);
      },
    };
    models.set(schema.model, type);
  }
  return type;
}

function fieldType(owner: ObjectSchema, field: Field): MergeType {
  let type = fields.get(field);
  if (!type) {
    const hidden = owner.model === 'V1ObjectMeta' && field.name === 'managedFields';
    type = hidden ? untracked : typeOf(field.schema, field.merge);
    fields.set(field, type);
  }
  return type;
}

function typeOf(schema: Schema, rule?: MergeRule): MergeType {
  switch (schema.is) {
    case 'scalar':
      return schema.type === 'any' ? anyType : scalars[schema.type];
    case 'list': {
      const keys = rule?.keys.map((name) => keyOf(schema.items, name)) ?? [];
      return { is: 'list', entries: rule?.list ?? 'atomic', keys: keys.sort(byName), items: typeOf(schema.items) };
    }
    case 'map':
      return { is: 'map', atomic: rule?.atomic ?? false, field: () => undefined, values: typeOf(schema.values) };
    case 'object': {
      const struct = structType(schema);
      return rule?.atomic && !struct.atomic ? { ...struct, atomic: true } : struct;
    }
  }
}

const byName = (a: ListKey, b: ListKey): number => (a.name < b.name ? -1 : 1);

/** The protocol has a default. Go has no required text or number without a value: it is empty, or zero. */
function keyOf(items: Schema, name: string): ListKey {
  if (name === 'protocol') return { name, default: 'TCP' };
  const field = items.is === 'object' ? items.fields.get(name) : undefined;
  if (!field?.required || field.schema.is !== 'scalar') return { name, default: undefined };
  return { name, default: scalars[field.schema.type === 'any' ? 'string' : field.schema.type] === numeric ? 0 : '' };
}
