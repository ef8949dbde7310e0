import { kinds, views } from '@skiff/api/kinds';
import { type Field, type ObjectSchema, type ScalarType, type Schema, schemaFor } from '@skiff/api/schema/schema';
import { describe } from '@skiff/api/schema/structure';
import { virtualResources } from '../discovery/resources.ts';
import { intOrStringName, microTimeName, nameOf, quantityName, referred, timeName } from './names.ts';

type Json = Record<string, unknown>;

/** The two dialects: 3.0 has `components` and wraps references, 2.0 has `definitions`. */
export type Dialect = 'v2' | 'v3';

const reference = (name: string, dialect: Dialect): string =>
  dialect === 'v3' ? `#/components/schemas/${name}` : `#/definitions/${name}`;

const named: Partial<Record<ScalarType, string>> = {
  time: timeName,
  microTime: microTimeName,
  quantity: quantityName,
  intOrString: intOrStringName,
};

const plain: Partial<Record<ScalarType, Json>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
  any: { type: 'object' },
};

/** What the named scalars are; in 3.0 those that take two types say so. */
export function scalarSchemas(dialect: Dialect): Record<string, Json> {
  const either = (...types: string[]): Json =>
    dialect === 'v3' ? { oneOf: types.map((type) => ({ type })) } : { type: 'string' };
  return {
    [timeName]: {
      description:
        'Time is a wrapper around time.Time which supports correct marshaling to YAML and JSON.  Wrappers are provided for many of the factory methods that the time package offers.',
      type: 'string',
      format: 'date-time',
    },
    [microTimeName]: {
      description: 'MicroTime is version of Time with microsecond level precision.',
      type: 'string',
      format: 'date-time',
    },
    [quantityName]: {
      description: 'Quantity is a fixed-point representation of a number.',
      ...either('string', 'number'),
    },
    [intOrStringName]: {
      description:
        'IntOrString is a type that can hold an int32 or a string.  When used in JSON or YAML marshalling and unmarshalling, it produces or consumes the inner type.  This allows you to have, for example, a JSON field that can accept a name or number.',
      format: 'int-or-string',
      ...either('integer', 'string'),
    },
  };
}

function zeroOf(schema: Schema): unknown {
  if (schema.is !== 'scalar') return schema.is === 'object' ? {} : undefined;
  if (schema.type === 'string') return '';
  if (schema.type === 'boolean') return false;
  return schema.type === 'int32' || schema.type === 'int64' ? 0 : undefined;
}

function typeOf(schema: Schema, dialect: Dialect, options: { item?: boolean } = {}): Json {
  const v3 = dialect === 'v3';
  switch (schema.is) {
    case 'scalar': {
      const name = named[schema.type];
      if (name) return { $ref: reference(name, dialect) };
      const zero = v3 && options.item ? zeroOf(schema) : undefined;
      return { ...plain[schema.type], ...(zero !== undefined && { default: zero }) };
    }
    case 'list':
      return { type: 'array', items: typeOf(schema.items, dialect, { item: true }) };
    case 'map':
      return { type: 'object', additionalProperties: typeOf(schema.values, dialect, { item: true }) };
    case 'object':
      return wrap(
        { $ref: reference(nameOf(schema.model), dialect), ...(v3 && options.item && { default: {} }) },
        dialect,
      );
  }
}

/** A reference with words beside it: 3.0 ignores members next to `$ref`, so it is wrapped. */
function wrap({ $ref, ...rest }: Json, dialect: Dialect): Json {
  if (dialect === 'v2' || $ref === undefined || Object.keys(rest).length === 0)
    return { ...($ref !== undefined && { $ref }), ...rest };
  return { ...rest, allOf: [{ $ref }] };
}

function extensions({ name, schema, merge }: Field): Json {
  const { patch } = merge;
  const strategies = [patch.retainKeys && 'retainKeys', patch.merge && 'merge', patch.replace && 'replace'].filter(
    Boolean,
  );
  const result: Json = {};
  if (schema.is === 'list') {
    if (merge.list === 'map') result['x-kubernetes-list-map-keys'] = merge.keys;
    if (name !== 'items') result['x-kubernetes-list-type'] = merge.list;
  } else if (merge.atomic) result['x-kubernetes-map-type'] = 'atomic';
  if (patch.mergeKey) result['x-kubernetes-patch-merge-key'] = patch.mergeKey;
  if (strategies.length) result['x-kubernetes-patch-strategy'] = strategies.reverse().join(',');
  return result;
}

/** Whose fields without a type hold any JSON, and not only objects as elsewhere. */
const holdsAnyJson = new Set(['V1JSONSchemaProps']);

function anyJson(schema: Schema, dialect: Dialect): Json {
  const isAny = (inner: Schema): boolean => inner.is === 'scalar' && inner.type === 'any';
  if (isAny(schema)) return {};
  return schema.is === 'list' && isAny(schema.items) ? { type: 'array', items: {} } : typeOf(schema, dialect);
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
  if (!absent || absent.value === null) return {};
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
        ...(holdsAnyJson.has(schema.model) ? anyJson(field.schema, dialect) : typeOf(field.schema, dialect)),
        ...(dialect === 'v3' && defaultOf(field)),
        ...extensions(field),
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
  };
}

/** The schemas of some models and of all that they name, by upstream's names. */
export function schemasOf(models: Iterable<string>, dialect: Dialect): Record<string, Json> {
  const result = scalarSchemas(dialect);
  const add = (schema: ObjectSchema): void => {
    const name = nameOf(schema.model);
    if (result[name]) return;
    result[name] = modelSchema(schema, dialect);
    for (const used of referred(schema)) add(used);
  };
  for (const model of models) add(schemaFor(model));
  return Object.fromEntries(Object.entries(result).sort(([a], [b]) => (a < b ? -1 : 1)));
}
