import { isDeepStrictEqual } from 'node:util';
import { invalidValue, notSupported, required, tooLongValue, tooManyItems, typeInvalid } from '@skiff/api/causes';
import type { StatusCause } from '@skiff/api/status';
import { type Before, itemBefore, memberBefore } from './correlate.ts';
import { integerRanges, stringFormats } from './formats.ts';
import { isMap, itemsOf, type Json, type JsonSchema, valuesOf } from './json-schema.ts';
import { patternOf } from './pattern.ts';

/** What a cause's field is where the whole object is meant, as Go writes a path that is nil. */
export const wholeObject = '<nil>';

interface Place {
  readonly path: string;
  readonly before: Before;
}

/**
 * Checks a value against a schema (upstream: kube-openapi/pkg/validation/validate, whose words these are). What an update left as it
 * was is not checked again, so that a schema may become stricter than what is stored (KEP-4008, "CRD Validation Ratcheting").
 */
export function validateValue(value: unknown, schema: JsonSchema, place: Place): StatusCause[] {
  const { path, before } = place;
  if (before && isDeepStrictEqual(value, before.value)) return [];
  const causes = [...typeOf(value, schema, path), ...enumOf(value, schema, path)];
  if (value === null) return causes;
  if (typeof value === 'string') causes.push(...stringOf(value, schema, path));
  else if (typeof value === 'number') causes.push(...numberOf(value, schema, path));
  else if (Array.isArray(value)) causes.push(...listOf(value, schema, place));
  else if (isMap(value)) causes.push(...objectOf(value, schema, place));
  causes.push(...junctionsOf(value, schema, path));
  return causes;
}

const field = (path: string): string => path || wholeObject;

const kindOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
};

function mismatch(path: string, expected: string, value: unknown): StatusCause {
  const kind = kindOf(value);
  return typeInvalid(field(path), kind, `${path} in body must be of type ${expected}: ${JSON.stringify(kind)}`);
}

function typeOf(value: unknown, schema: JsonSchema, path: string): StatusCause[] {
  const { type, nullable } = schema;
  const kind = kindOf(value);
  if (schema['x-kubernetes-int-or-string']) {
    const fits = kind === 'integer' || kind === 'string' || (kind === 'null' && nullable);
    return fits ? [] : [mismatch(path, 'integer,string', value)];
  }
  if (!type || kind === type || (kind === 'null' && nullable) || (kind === 'integer' && type === 'number')) return [];
  return [mismatch(path, type, value)];
}

function enumOf(value: unknown, schema: JsonSchema, path: string): StatusCause[] {
  const allowed = schema.enum;
  if (!allowed || (value === null && schema.nullable)) return [];
  if (allowed.some((one) => isDeepStrictEqual(one, value))) return [];
  return [
    notSupported(
      field(path),
      value,
      allowed.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))),
    ),
  ];
}

function stringOf(value: string, schema: JsonSchema, path: string): StatusCause[] {
  const causes: StatusCause[] = [];
  const { minLength, maxLength, pattern, format } = schema;
  // Characters are counted, not bytes or halves of surrogate pairs.
  const length = minLength !== undefined || maxLength !== undefined ? [...value].length : 0;
  if (maxLength !== undefined && length > maxLength) causes.push(tooLongValue(field(path), maxLength));
  if (minLength !== undefined && length < minLength) {
    causes.push(invalidValue(field(path), value, `${path} in body should be at least ${minLength} chars long`));
  }
  if (pattern && !(patternOf(pattern)?.test(value) ?? true)) {
    causes.push(invalidValue(field(path), value, `${path} in body should match '${pattern}'`));
  }
  const check = format && Object.hasOwn(stringFormats, format) ? stringFormats[format] : undefined;
  if (check && !check(value)) {
    const rule = `${path} in body must be of type ${format}: ${JSON.stringify(value)}`;
    causes.push(typeInvalid(field(path), value, rule));
  }
  return causes;
}

function numberOf(value: number, schema: JsonSchema, path: string): StatusCause[] {
  const causes: StatusCause[] = [];
  const wrong = (rule: string): void => {
    causes.push(invalidValue(field(path), value, `${path} in body should be ${rule}`));
  };
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, format } = schema;
  const range = schema.type === 'integer' && format ? integerRanges[format] : undefined;
  if (range && (value < range[0] || value > range[1])) {
    causes.push(invalidValue(field(path), value, `Checked value must be of type integer with format ${format}`));
  }
  if (multipleOf !== undefined) {
    const quotient = value / multipleOf;
    if (Math.abs(quotient - Math.round(quotient)) > 1e-9) wrong(`a multiple of ${multipleOf}`);
  }
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
    wrong(`less than${exclusiveMaximum ? '' : ' or equal to'} ${maximum}`);
  }
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
    wrong(`greater than${exclusiveMinimum ? '' : ' or equal to'} ${minimum}`);
  }
  return causes;
}

function listOf(value: readonly unknown[], schema: JsonSchema, { path, before }: Place): StatusCause[] {
  const causes: StatusCause[] = [];
  const { minItems, maxItems } = schema;
  const items = itemsOf(schema);
  if (items) {
    for (const [index, item] of value.entries()) {
      causes.push(
        ...validateValue(item, items, { path: `${path}[${index}]`, before: itemBefore(before, item, schema) }),
      );
    }
  }
  if (minItems !== undefined && value.length < minItems) {
    const rule = `${path} in body should have at least ${minItems} items`;
    causes.push(invalidValue(field(path), value.length, rule));
  }
  if (maxItems !== undefined && value.length > maxItems) causes.push(tooManyItems(field(path), value.length, maxItems));
  return causes;
}

function objectOf(value: Json, schema: JsonSchema, { path, before }: Place): StatusCause[] {
  const causes: StatusCause[] = [];
  const { properties = {}, minProperties, maxProperties } = schema;
  const inside = (name: string): Place => ({
    path: path === '' ? name : `${path}.${name}`,
    before: memberBefore(before, name),
  });
  const count = Object.keys(value).length;
  if (minProperties !== undefined && count < minProperties) {
    causes.push(invalidValue(field(path), count, `${path} in body should have at least ${minProperties} properties`));
  }
  if (maxProperties !== undefined && count > maxProperties) {
    causes.push(tooManyItems(field(path), count, maxProperties));
  }
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(value, name)) causes.push(required(inside(name).path));
  }
  const values = valuesOf(schema);
  for (const [name, member] of Object.entries(value)) {
    const inner = Object.hasOwn(properties, name) ? properties[name] : values;
    if (inner) causes.push(...validateValue(member, inner, inside(name)));
  }
  return causes;
}

function junctionsOf(value: unknown, schema: JsonSchema, path: string): StatusCause[] {
  const causes: StatusCause[] = [];
  const fails = (inner: JsonSchema): StatusCause[] => validateValue(value, inner, { path, before: undefined });
  // Upstream names the place only in the message.
  const wrong = (rule: string): void => {
    causes.push(invalidValue(wholeObject, '', `"${path}" ${rule}`));
  };
  const { allOf = [], anyOf = [], oneOf = [], not } = schema;
  if (anyOf.length) {
    const found = anyOf.map(fails);
    if (!found.some((one) => one.length === 0)) {
      wrong('must validate at least one schema (anyOf)');
      causes.push(...closest(found));
    }
  }
  if (oneOf.length) {
    const found = oneOf.map(fails);
    const valid = found.filter((one) => one.length === 0).length;
    if (valid !== 1) {
      const detail = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`;
      wrong(`must validate one and only one schema (oneOf). ${detail}`);
      if (valid === 0) causes.push(...closest(found));
    }
  }
  const all = allOf.flatMap(fails);
  if (all.length) {
    wrong('must validate all the schemas (allOf)');
    causes.push(...all);
  }
  if (not && fails(not).length === 0) wrong('must not validate the schema (not)');
  return causes;
}

/** What is wrong with the alternative that fits best. */
const closest = (found: readonly StatusCause[][]): StatusCause[] =>
  found.reduce((best, one) => (one.length < best.length ? one : best));
