import type { ScalarType } from '@skiff/api/schema/schema';
import { intOrStringName, microTimeName, quantityName, timeName } from './names.ts';
import type { Dialect } from './schemas.ts';

type Json = Record<string, unknown>;

const definitions = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1';
const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const jsonName = `${definitions}.JSON`;
const schemaOrBoolName = `${definitions}.JSONSchemaPropsOrBool`;

const scalars: Partial<Record<ScalarType, string>> = {
  time: timeName,
  microTime: microTimeName,
  quantity: quantityName,
  intOrString: intOrStringName,
};

/** The types of fields that hold any JSON, or what the declarations say nothing of. */
const anyFields: Readonly<Record<string, string>> = {
  'V1ControllerRevision.data': 'io.k8s.apimachinery.pkg.runtime.RawExtension',
  'V1CustomResourceSubresources.status': `${definitions}.CustomResourceSubresourceStatus`,
  'V1JSONSchemaProps.additionalItems': schemaOrBoolName,
  'V1JSONSchemaProps.additionalProperties': schemaOrBoolName,
  'V1JSONSchemaProps.default': jsonName,
  'V1JSONSchemaProps.dependencies': `${definitions}.JSONSchemaPropsOrStringArray`,
  'V1JSONSchemaProps.enum': jsonName,
  'V1JSONSchemaProps.example': jsonName,
  'V1JSONSchemaProps.items': `${definitions}.JSONSchemaPropsOrArray`,
  'V1ManagedFieldsEntry.fieldsV1': `${meta}.FieldsV1`,
  'V1WatchEvent.object': 'io.k8s.apimachinery.pkg.runtime.RawExtension',
};

/** The name that a value's type has in the documents, though it has no fields; undefined of those without one. */
export const valueName = (type: ScalarType, place: { model: string; field: string }): string | undefined =>
  type === 'any' ? anyFields[`${place.model}.${place.field}`] : scalars[type];

/** What the named values are; in 3.0 those that take two types say so. */
export function namedValues(dialect: Dialect): Record<string, Json> {
  const either = (...types: string[]): Json =>
    dialect === 'v3' ? { oneOf: types.map((type) => ({ type })) } : { type: 'string' };
  const orOther = (other: string): Json => ({
    description: `A value that can either be a JSONSchemaProps or ${other}. Mainly here for serialization purposes.`,
  });
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
    [`${meta}.FieldsV1`]: {
      description: 'FieldsV1 stores a set of fields in a data structure like a Trie, in JSON format.',
      type: 'object',
    },
    'io.k8s.apimachinery.pkg.runtime.RawExtension': {
      description: 'RawExtension is used to hold extensions in external versions.',
      type: 'object',
    },
    [`${definitions}.CustomResourceSubresourceStatus`]: {
      description:
        'CustomResourceSubresourceStatus defines how to serve the status subresource for CustomResources. Status is represented by the `.status` JSON path inside of a CustomResource.',
      type: 'object',
    },
    [jsonName]: { description: 'JSON represents any valid JSON value.' },
    [schemaOrBoolName]: orOther('a boolean'),
    [`${definitions}.JSONSchemaPropsOrArray`]: orOther('an array of JSONSchemaProps'),
    [`${definitions}.JSONSchemaPropsOrStringArray`]: orOther('an array of strings'),
  };
}
