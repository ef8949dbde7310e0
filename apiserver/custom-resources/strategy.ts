import { isDeepStrictEqual } from 'node:util';
import { invalidValue } from '@skiff/api/causes';
import type { KubeObject } from '@skiff/api/meta';
import { dns1123Subdomain } from '@skiff/api/names';
import type { StatusCause } from '@skiff/api/status';
import { keepStatus } from '../registry/spec-and-status.ts';
import type { Strategy } from '../registry/strategy.ts';
import { hasRules, ruleFaults } from './cel/rules.ts';
import type { DefinitionVersion } from './definition/definition.ts';
import { schemaOf } from './definition/definition.ts';
import { finalizerWarnings } from './finalizer-warnings.ts';
import { JsonPath, membersOf } from './json-path.ts';
import { specScaleFaults, statusScaleFaults } from './scale-rules.ts';
import { applyDefaults } from './schema/defaults.ts';
import { validateEmbedded } from './schema/embedded.ts';
import type { JsonSchema } from './schema/json-schema.ts';
import { validateListTypes } from './schema/list-types.ts';
import { validateValue, wholeObject } from './schema/validate.ts';

/** Faults after which rules are not worth asking: an object of the wrong shape would only make them fail. */
const blocking = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

const notChecked = invalidValue(
  wholeObject,
  null,
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
);

/** What objects of a version of a custom kind may be (upstream: apiextensions-apiserver/pkg/registry/customresource/strategy.go). */
export function customStrategy(version: DefinitionVersion): Strategy {
  const schema = schemaOf(version);
  const hasStatus = version.subresources?.status !== undefined;
  return {
    nameRule: dns1123Subdomain,
    updateNeedsVersion: true,
    ownFinalizers: true,
    fields: selectableFields(version),

    default: (object) => applyDefaults(object, schema),

    prepareForCreate(object) {
      if (hasStatus) delete object['status'];
      object.metadata.generation = 1;
    },

    prepareForUpdate(object, old, { subresource }) {
      if (subresource === 'status') keepAllButStatus(object, old);
      else if (hasStatus) keepStatus(object, old);
      if (!isDeepStrictEqual(content(object), content(old)) && subresource !== 'status') {
        object.metadata.generation = (old.metadata.generation ?? 0) + 1;
      }
    },

    validateChange(object, old, context) {
      const before = old && { value: old };
      const shape =
        context.subresource === 'status' ? statusFaults(object, old, version) : faults(object, old, version);
      const causes = [...shape, ...repeatedEntries(object, old, schema)];
      if (!hasRules(schema)) return causes;
      if (causes.some(({ reason }) => blocking.has(reason ?? ''))) return [...causes, notChecked];
      return [...causes, ...ruleFaults(object, schema, { before, warn: context.warn })];
    },

    warnings: (object, old, { subresource }) => (subresource ? [] : finalizerWarnings(object, old)),
  };
}

/** All but metadata: what `metadata.generation` counts. */
function content({ metadata: _metadata, apiVersion: _version, ...rest }: KubeObject): object {
  return rest;
}

/** A write of the status leaves even metadata alone, but for who manages its fields. */
function keepAllButStatus(object: KubeObject, old: KubeObject): void {
  const { managedFields } = object.metadata;
  const status = object['status'];
  for (const name of Object.keys(object)) delete object[name];
  Object.assign(object, structuredClone(old));
  if (managedFields) object.metadata.managedFields = managedFields;
  if (status === undefined) delete object['status'];
  else object['status'] = status;
}

function faults(object: KubeObject, old: KubeObject | undefined, version: DefinitionVersion): StatusCause[] {
  const schema = schemaOf(version);
  return [
    ...validateValue(object, schema, { path: '', before: old && { value: old } }),
    ...specScaleFaults(object, version),
    ...statusScaleFaults(object, version),
    ...validateEmbedded(object, schema),
  ];
}

/** A write of the status is judged by what it can change. */
function statusFaults(object: KubeObject, old: KubeObject | undefined, version: DefinitionVersion): StatusCause[] {
  const status = schemaOf(version).properties?.['status'];
  const own: JsonSchema = { type: 'object', ...(status && { properties: { status } }) };
  const found = validateValue(object, own, { path: '', before: old && { value: old } });
  return [
    ...found.map((cause) => (cause.field === wholeObject ? { ...cause, field: 'status' } : cause)),
    ...statusScaleFaults(object, version),
  ];
}

/** Values that sets and map lists hold more than once; where there were any before, no more is said of them. */
function repeatedEntries(object: KubeObject, old: KubeObject | undefined, schema: JsonSchema): StatusCause[] {
  const causes = validateListTypes(object, schema);
  return causes.length && old && validateListTypes(old, schema).length ? [] : causes;
}

/** The fields that the definition offers to field selectors. */
function selectableFields({ selectableFields = [] }: DefinitionVersion): NonNullable<Strategy['fields']> {
  const readers = selectableFields.flatMap(({ jsonPath }) => {
    const path = JsonPath.parse(jsonPath);
    const name = membersOf(jsonPath)?.join('.');
    if (!path || !name) return [];
    const read = (object: KubeObject): string => {
      const value = path.find(object)[0];
      return value === undefined || value === null ? '' : String(value);
    };
    return [[name, read] as const];
  });
  return Object.fromEntries(readers);
}
