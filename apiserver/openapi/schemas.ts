import { kinds, views } from '@skiff/api/kinds';
import { type Field, type ObjectSchema, type ScalarType, type Schema, schemaFor } from '@skiff/api/schema/schema';
import { describe } from '@skiff/api/schema/structure';
import { virtualResources } from '../discovery/resources.ts';
import { enumOf } from './enums.ts';
import { markedDefault, unionsOf } from './marks.ts';
import { namedValues, valueName } from './named-values.ts';
import { nameOf, referred } from './names.ts';

type Json = Record<string, unknown>;

/** The two dialects: 3.0 has `components` and wraps references, 2.0 has `definitions`. */
export type Dialect = 'v2' | 'v3';

const reference = (name: string, dialect: Dialect): string =>
  dialect === 'v3' ? `#/components/schemas/${name}` : `#/definitions/${name}`;

const plain: Partial<Record<ScalarType, Json>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
  any: { type: 'object' },
};

/** Where a type is written. */
interface Place {
  readonly model: string;
  readonly field: string;
  readonly dialect: Dialect;
}

function typeOf(schema: Schema, place: Place): Json {
  switch (schema.is) {
    case 'scalar': {
      const name = valueName(schema.type, place);
      return name ? { $ref: reference(name, place.dialect) } : { ...plain[schema.type], ...listed(place) };
    }
    case 'list':
      return { type: 'array', items: typeOf(schema.items, place) };
    case 'map':
      return { type: 'object', additionalProperties: typeOf(schema.values, place) };
    case 'object':
      return { $ref: reference(nameOf(schema.model), place.dialect) };
  }
}

function listed({ model, field }: Place): Json {
  const values = enumOf(model, field);
  return values ? { enum: values } : {};
}

/** A reference with words beside it: 3.0 ignores members next to `$ref`, so it is wrapped. */
function wrap({ $ref, ...rest }: Json, dialect: Dialect): Json {
  if (dialect === 'v2' || $ref === undefined || Object.keys(rest).length === 0)
    return { ...($ref !== undefined && { $ref }), ...rest };
  return { ...rest, allOf: [{ $ref }] };
}

/** Lists of which upstream does not say how they merge. */
const unsaid = new Set(['V1APIResource.verbs']);

function extensions(model: string, { name, schema, merge }: Field): Json {
  const { patch } = merge;
  const strategies = [patch.retainKeys && 'retainKeys', patch.merge && 'merge', patch.replace && 'replace'].filter(
    Boolean,
  );
  const result: Json = {};
  if (schema.is === 'list') {
    if (merge.list === 'map') result['x-kubernetes-list-map-keys'] = merge.keys;
    if (name !== 'items' && !unsaid.has(`${model}.${name}`)) result['x-kubernetes-list-type'] = merge.list;
  } else if (merge.atomic) result['x-kubernetes-map-type'] = 'atomic';
  if (patch.mergeKey) result['x-kubernetes-patch-merge-key'] = patch.mergeKey;
  if (strategies.length) result['x-kubernetes-patch-strategy'] = strategies.reverse().join(',');
  return result;
}

const conventions = 'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md';
/** What is said of the same field in all kinds. */
const metadataTexts: Readonly<Record<string, string>> = {
  V1ObjectMeta: `Standard object's metadata. More info: ${conventions}#metadata`,
  V1ListMeta: `Standard list metadata. More info: ${conventions}#types-kinds`,
};

/** The declarations say nothing of fields that are objects: then what the objects are is said. */
function describeField(model: string, { name, schema }: Field): string {
  const own = describe(model, name);
  if (own || schema.is !== 'object') return own;
  return metadataTexts[schema.model] ?? describe(schema.model);
}

/** What Go writes where nothing was said: of structs an empty one, of what is always written its zero. */
function defaultOf({ absent, schema }: Field): Json {
  if (!absent || absent.value === null || (schema.is === 'scalar' && schema.type === 'quantity')) return {};
  const { value } = absent;
  return { default: value === 'struct' || schema.is === 'object' ? {} : value };
}

/** The kinds that a model is, for clients that look schemas up by kind. */
function kindsOf(model: string): Json[] {
  const found = [...kinds, ...views].find((kind) => kind.model === model || `${kind.model}List` === model);
  if (found) {
    const { group, version } = found;
    return [{ group, kind: model === found.model ? found.kind : `${found.kind}List`, version }];
  }
  const virtual = virtualResources.find((resource) => resource.model === model);
  if (virtual) return [{ group: virtual.group, kind: virtual.kind, version: virtual.version }];
  const others: Record<string, Json> = {
    V1Scale: { group: 'autoscaling', kind: 'Scale', version: 'v1' },
    V1Eviction: { group: 'policy', kind: 'Eviction', version: 'v1' },
    V1Status: { group: '', kind: 'Status', version: 'v1' },
    V1WatchEvent: { group: '', kind: 'WatchEvent', version: 'v1' },
    V1DeleteOptions: { group: '', kind: 'DeleteOptions', version: 'v1' },
    AuthenticationV1TokenRequest: { group: 'authentication.k8s.io', kind: 'TokenRequest', version: 'v1' },
  };
  const other = others[model];
  return other ? [other] : [];
}

/** One model as a schema of its own. */
export function modelSchema(schema: ObjectSchema, dialect: Dialect): Json {
  const properties: Json = {};
  const required: string[] = [];
  for (const [name, field] of schema.fields) {
    if (field.required) required.push(name);
    const description = describeField(schema.model, field);
    properties[name] = wrap(
      {
        ...(description && { description }),
        ...typeOf(field.schema, { model: schema.model, field: name, dialect }),
        ...(dialect === 'v3' && { ...defaultOf(field), ...markedDefault(schema.model, name) }),
        ...extensions(schema.model, field),
      },
      dialect,
    );
  }
  const gvk = kindsOf(schema.model);
  const description = describe(schema.model);
  return {
    ...(description && { description }),
    type: 'object',
    ...(required.length && { required: required.sort() }),
    ...(schema.fields.size && { properties }),
    ...(gvk.length && { 'x-kubernetes-group-version-kind': gvk }),
    ...(schema.atomic && { 'x-kubernetes-map-type': 'atomic' }),
    ...unionsOf(schema.model),
  };
}

/** The names that a schema refers to. */
function* references(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    if (name === '$ref' && typeof member === 'string') yield member.slice(member.lastIndexOf('/') + 1);
    else yield* references(member);
  }
}

/** The schemas of some models and of all that they name, by upstream's names. */
export function schemasOf(models: Iterable<string>, dialect: Dialect): Record<string, Json> {
  const values = namedValues(dialect);
  const result: Record<string, Json> = {};
  const add = (schema: ObjectSchema): void => {
    const name = nameOf(schema.model);
    if (result[name]) return;
    result[name] = modelSchema(schema, dialect);
    for (const used of referred(schema)) add(used);
  };
  for (const model of models) add(schemaFor(model));
  for (const name of new Set(references(result))) {
    const value = values[name];
    if (value) result[name] = value;
  }
  return Object.fromEntries(Object.entries(result).sort(([a], [b]) => (a < b ? -1 : 1)));
}
