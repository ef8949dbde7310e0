import { duplicate, invalidValue, required, tooManyItems } from '@skiff/api/causes';
import type { StatusCause } from '@skiff/api/status';
import { membersOf } from '../json-path.ts';
import { type JsonSchema, memberOf } from '../schema/json-schema.ts';
import type { DefinitionVersion } from './definition.ts';

/** That a path leads anywhere is not asked: one that cannot be read only ends the columns. */
function simplePath(path: string, field: string): StatusCause[] {
  return path.startsWith('.') ? [] : [invalidValue(field, path, 'must be a simple json path starting with .')];
}

/** The paths of the scale subresource lead to members of spec and status. */
export function subresourceFaults({ subresources }: DefinitionVersion, path: string): StatusCause[] {
  const { scale } = subresources ?? {};
  if (!scale) return [];
  const check = (name: keyof typeof scale, roots: readonly string[], needed: boolean): StatusCause[] => {
    const field = `${path}.scale.${name}`;
    const value = scale[name];
    if (!value) return needed ? [required(field)] : [];
    const faults = simplePath(value, field);
    if (faults.length || roots.some((root) => value.startsWith(`.${root}.`))) return faults;
    const under = roots.length > 1 ? `either ${roots.map((root) => `.${root}`).join(' or ')}` : `.${roots.join()}`;
    return [invalidValue(field, value, `should be a json path under ${under}`)];
  };
  return [
    ...check('specReplicasPath', ['spec'], true),
    ...check('statusReplicasPath', ['status'], true),
    ...check('labelSelectorPath', ['spec', 'status'], false),
  ];
}

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

export function columnFaults({ additionalPrinterColumns = [] }: DefinitionVersion, path: string): StatusCause[] {
  return additionalPrinterColumns.flatMap(({ name, type, format, jsonPath }, index) => {
    const causes: StatusCause[] = [];
    const at = `${path}[${index}]`;
    const types = `must be one of ${columnTypes.join(',')}`;
    if (!name) causes.push(required(`${at}.name`));
    if (!type) causes.push(required(`${at}.type`, types));
    else if (!columnTypes.includes(type)) causes.push(invalidValue(`${at}.type`, type, types));
    if (format && !columnFormats.includes(format)) {
      causes.push(invalidValue(`${at}.format`, format, `must be one of ${columnFormats.join(',')}`));
    }
    // Upstream writes the name of its field, not that of the JSON.
    if (!jsonPath) causes.push(required(`${at}.JSONPath`));
    else causes.push(...simplePath(jsonPath, `${at}.JSONPath`));
    return causes;
  });
}

const maxSelectableFields = 8;
const selectable = new Set(['string', 'boolean', 'integer']);

export function selectableFieldFaults(
  { selectableFields = [] }: DefinitionVersion,
  schema: JsonSchema | undefined,
  path: string,
): StatusCause[] {
  if (selectableFields.length === 0) return [];
  if (!schema)
    return [
      invalidValue(path, '', 'selectableFields may only be set when version.schema.openAPIV3Schema is not included'),
    ];
  const causes: StatusCause[] = [];
  const seen = new Set<string>();
  for (const [index, { jsonPath }] of selectableFields.entries()) {
    const field = `${path}[${index}].jsonPath`;
    if (!jsonPath) {
      causes.push(required(field));
      continue;
    }
    const names = membersOf(jsonPath);
    let found: JsonSchema | undefined = schema;
    for (const name of names ?? []) found = found && memberOf(found, name);
    if (!names || !found || jsonPath.includes('[')) {
      const why = jsonPath.includes('[') ? 'array notation is not allowed' : 'does not refer to a valid field';
      causes.push(invalidValue(field, jsonPath, `is an invalid path: ${why}`));
      continue;
    }
    if (names[0] === 'metadata') causes.push(invalidValue(field, jsonPath, 'must not point to fields in metadata'));
    if (!selectable.has(found.type ?? '')) {
      const rule =
        'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';
      causes.push(invalidValue(field, jsonPath, rule));
    }
    const whole = names.join('.');
    if (seen.has(whole)) causes.push(duplicate(field, jsonPath));
    seen.add(whole);
  }
  if (seen.size > maxSelectableFields) causes.push(tooManyItems(path, seen.size, maxSelectableFields));
  return causes;
}
