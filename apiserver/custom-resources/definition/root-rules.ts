import { forbiddenField, invalidValue } from '@skiff/api/causes';
import type { StatusCause } from '@skiff/api/status';
import { type JsonSchema, someSchema } from '../schema/json-schema.ts';
import { defaultFaults } from './default-rules.ts';
import { schemaFaults } from './schema-rules.ts';
import { structuralFaults } from './structural.ts';

/** The fields of a root schema that say something of the status too, in upstream's names. */
const allowed = [
  'Description',
  'Type',
  'Format',
  'Title',
  'Maximum',
  'ExclusiveMaximum',
  'Minimum',
  'ExclusiveMinimum',
  'MaxLength',
  'MinLength',
  'Pattern',
  'MaxItems',
  'MinItems',
  'UniqueItems',
  'MultipleOf',
  'Required',
  'Items',
  'Properties',
  'ExternalDocs',
  'Example',
  'XPreserveUnknownFields',
  'XValidations',
];
const jsonName = (name: string): string => {
  if (name.startsWith('X'))
    return `x-kubernetes${name.slice(1).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return name.charAt(0).toLowerCase() + name.slice(1);
};
const permitted = new Set(allowed.map(jsonName));
/** They come before the type, and of the first fault alone is told. */
const beforeType = ['id', '$schema', '$ref'] as const;

function statusRootFaults(schema: JsonSchema, path: string): StatusCause[] {
  const rule = `only [${allowed.join(' ')}] fields are allowed at the root of the schema if the status subresource is enabled`;
  const wrong = [invalidValue(path, schema, rule)];
  if (beforeType.some((name) => schema[name])) return wrong;
  if (schema.type && schema.type !== 'object') {
    const only = 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
    return [invalidValue(`${path}.type`, schema.type, only)];
  }
  const set = Object.entries(schema).filter(([, value]) => value !== false && value !== '');
  return set.some(([name]) => !permitted.has(name)) ? wrong : [];
}

const unsupported = [
  ['id', 'id'],
  ['$schema', 'schema'],
  ['$ref', '$ref'],
  ['patternProperties', 'patternProperties'],
  ['dependencies', 'dependencies'],
  ['additionalItems', 'additionalItems'],
  ['definitions', 'definitions'],
] as const;

const isFilled = (value: unknown): boolean =>
  typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : value !== undefined && value !== '';

/** Why a schema cannot be read as a structural one at all (upstream: NewStructural). */
function unreadable(schema: JsonSchema): string | undefined {
  let why: string | undefined;
  someSchema(schema, (inner) => {
    const name = unsupported.find(([key]) =>
      key === 'additionalItems' ? inner[key] !== undefined : isFilled(inner[key]),
    );
    if (name) why = `OpenAPIV3Schema '${name[1]}' is not supported`;
    else if (Array.isArray(inner.items)) why = "OpenAPIV3Schema 'items' must be a schema, but is an array";
    else if (inner['x-kubernetes-preserve-unknown-fields'] === false) {
      why = "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined";
    }
    return why !== undefined;
  });
  return why;
}

/** The rules of a definition's schema (upstream: validateCustomResourceDefinitionValidation). `status`: whether that is a subresource. */
export function rootFaults(schema: JsonSchema, { status, path }: { status: boolean; path: string }): StatusCause[] {
  const causes = status ? statusRootFaults(schema, path) : [];
  if (schema.nullable) causes.push(forbiddenField(`${path}.nullable`, 'nullable cannot be true at the root'));
  const why = unreadable(schema);
  const structural = why === undefined ? structuralFaults(schema, path) : [];
  const defaults = why === undefined && structural.length === 0 ? defaultFaults(schema, path) : [];
  const rules = why === undefined && structural.length === 0 && defaults.length === 0;
  causes.push(...structural, ...defaults, ...schemaFaults(schema, path, { rules }));
  // Most of what makes a schema unreadable has a cause of its own.
  return why !== undefined && causes.length === 0 ? [invalidValue(path, '', why)] : causes;
}
