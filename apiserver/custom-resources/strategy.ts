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
import { JsonPath, membersOf } from './json-path.ts';
import { applyDefaults } from './schema/defaults.ts';
import { validateEmbedded } from './schema/embedded.ts';
import type { JsonSchema } from './schema/json-schema.ts';
import { newFaults, validateListTypes } from './schema/list-types.ts';
import { validateValue, wholeObject } from './schema/validate.ts';

/** Faults after which rules are not worth asking: an object of the wrong shape would only make them fail. */
const blocking = new Set(['FieldValueRequired', 'FieldValueTooLong', 'FieldValueTooMany', 'FieldValueTypeInvalid']);

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

    validateChange(object, old, { subresource }) {
      if (subresource !== 'status' || !old) return faults(object, old, { schema, version });
      // A write of the status is judged by what it can change; rules look at the whole object.
      const status = schema.properties?.['status'];
      const own = { type: 'object', ...(status && { properties: { status } }) };
      return faults(object, old, { schema: own, version, rules: schema });
    },
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

function faults(
  object: KubeObject,
  old: KubeObject | undefined,
  { schema, version, rules = schema }: { schema: JsonSchema; version: DefinitionVersion; rules?: JsonSchema },
): StatusCause[] {
  const causes = [
    ...validateValue(object, schema, { path: '', before: old && { value: old } }),
    ...scaleFaults(object, version),
    ...newFaults(validateEmbedded(object, schema), old ? validateEmbedded(old, schema) : []),
    ...newFaults(validateListTypes(object, schema), old ? validateListTypes(old, schema) : []),
  ];
  if (causes.some(({ reason }) => blocking.has(reason ?? ''))) {
    return hasRules(rules) ? [...causes, notChecked] : causes;
  }
  return [...causes, ...ruleFaults(object, rules, old && { value: old })];
}

/** The replicas that a Scale shows are no negative numbers. */
function scaleFaults(object: KubeObject, { subresources }: DefinitionVersion): StatusCause[] {
  const { scale } = subresources ?? {};
  if (!scale) return [];
  return [scale.specReplicasPath, scale.statusReplicasPath].flatMap((path) => {
    const value = JsonPath.parse(path)?.find(object)[0];
    if (typeof value !== 'number') return [];
    if (value < 0) return [invalidValue(path, value, 'should be a non-negative integer')];
    return value > 2 ** 31 - 1 ? [invalidValue(path, value, `should be less than or equal to ${2 ** 31 - 1}`)] : [];
  });
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
