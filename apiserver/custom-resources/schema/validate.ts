import { isDeepStrictEqual } from 'node:util';
import { invalidValue, notSupported, required, tooLongValue, tooManyItems, typeInvalid } from '@skiff/api/causes';
import type { StatusCause } from '@skiff/api/status';
import { type Before, itemBefore, memberBefore } from './correlate.ts';
import { stringFormats } from './formats.ts';
import { isMap, itemsOf, type Json, type JsonSchema, valuesOf } from './json-schema.ts';
import { patternOf } from './pattern.ts';

/** What a cause's field is where the whole object is meant, as Go writes a path that is nil. */
export const wholeObject = '<nil>';

interface Place {
  readonly path: string;
  readonly before: Before;
}

/** What a check found. */
interface Verdict {
  readonly causes: readonly StatusCause[];
  /** How many checks went well: of alternatives that all fail, the one with the most is the one that was meant. */
  readonly matches: number;
}

const fine: Verdict = { causes: [], matches: 0 };
const verdict = (causes: readonly StatusCause[], matches = 0): Verdict => ({ causes, matches });
const merged = (...all: readonly Verdict[]): Verdict =>
  verdict(
    all.flatMap(({ causes }) => causes),
    all.reduce((sum, { matches }) => sum + matches, 0),
  );

/**
 * Checks a value against a schema (upstream: kube-openapi/pkg/validation/validate, whose words these are). What an update left as it
 * was is not checked again, so that a schema may become stricter than what is stored (KEP-4008, "CRD Validation Ratcheting").
 */
export function validateValue(value: unknown, schema: JsonSchema, place: Place): readonly StatusCause[] {
  return ratcheted(value, schema, place).causes;
}

function ratcheted(value: unknown, schema: JsonSchema, place: Place): Verdict {
  const { causes, matches } = judged(value, schema, place);
  const stays = causes.length > 0 && place.before && isDeepStrictEqual(value, place.before.value);
  return verdict(stays ? [] : causes, matches);
}

function judged(value: unknown, schema: JsonSchema, place: Place): Verdict {
  const { path } = place;
  const type = typeOf(value, schema, path);
  const listed = verdict(enumOf(value, schema, path));
  if (value === null) return merged(type, listed);
  const checks = [junctionsOf(value, schema, place), listed];
  if (schema.type || schema['x-kubernetes-int-or-string']) checks.push(type);
  if (typeof value === 'string') checks.push(...stringOf(value, schema, path));
  else if (typeof value === 'number') checks.push(verdict(numberOf(value, schema, path), 1));
  else if (Array.isArray(value)) checks.push(listOf(value, schema, place));
  else if (isMap(value)) checks.push(objectOf(value, schema, place));
  const { causes, matches } = merged(...checks);
  return verdict(causes, matches + checks.length + 1);
}

const field = (path: string): string => path || wholeObject;

/** Numbers that are larger, Go reads as floating point. */
const isInt64 = (value: number): boolean => Number.isInteger(value) && Math.abs(value) < 2 ** 63;

const kindOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return isInt64(value) ? 'integer' : 'number';
  return typeof value;
};

function mismatch(path: string, expected: string, value: unknown): StatusCause {
  const kind = kindOf(value);
  return typeInvalid(field(path), kind, `${path} in body must be of type ${expected}: ${JSON.stringify(kind)}`);
}

function typeOf(value: unknown, schema: JsonSchema, path: string): Verdict {
  const { type, nullable } = schema;
  const kind = kindOf(value);
  if (schema['x-kubernetes-int-or-string']) {
    const fits = kind === 'integer' || kind === 'string' || (kind === 'null' && nullable);
    return fits ? verdict([], 1) : verdict([mismatch(path, 'integer,string', value)]);
  }
  const fits = !type || kind === type || (kind === 'null' && nullable) || (kind === 'integer' && type === 'number');
  return fits ? verdict([], 1) : verdict([mismatch(path, type, value)]);
}

/** Null is never one of the values, whether it is written down among them or not. */
function enumOf(value: unknown, schema: JsonSchema, path: string): StatusCause[] {
  const allowed = schema.enum;
  if (!allowed?.length) return [];
  if (value !== null && allowed.some((one) => isDeepStrictEqual(one, value))) return [];
  return [
    notSupported(
      field(path),
      value,
      allowed.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))),
    ),
  ];
}

/** The first that is wrong of length and pattern, and whether the format is right. */
function stringOf(value: string, schema: JsonSchema, path: string): Verdict[] {
  const { format } = schema;
  const text = verdict(textOf(value, schema, path));
  const check = format && Object.hasOwn(stringFormats, format) ? stringFormats[format] : undefined;
  if (!check) return [text];
  const rule = `${path} in body must be of type ${format}: ${JSON.stringify(value)}`;
  return [text, check(value) ? fine : verdict([typeInvalid(field(path), value, rule)])];
}

function textOf(value: string, { minLength, maxLength, pattern }: JsonSchema, path: string): StatusCause[] {
  // Characters are counted, not bytes or halves of surrogate pairs.
  const length = minLength !== undefined || maxLength !== undefined ? [...value].length : 0;
  if (maxLength !== undefined && length > maxLength) return [tooLongValue(field(path), maxLength)];
  if (minLength !== undefined && length < minLength) {
    return [invalidValue(field(path), value, `${path} in body should be at least ${minLength} chars long`)];
  }
  if (pattern && !(patternOf(pattern)?.test(value) ?? true)) {
    return [invalidValue(field(path), value, `${path} in body should match '${pattern}'`)];
  }
  return [];
}

function numberOf(value: number, schema: JsonSchema, path: string): StatusCause[] {
  const causes: StatusCause[] = [];
  const wrong = (rule: string): void => {
    causes.push(invalidValue(field(path), value, `${path} in body should be ${rule}`));
  };
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
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

function listOf(value: readonly unknown[], schema: JsonSchema, { path, before }: Place): Verdict {
  const causes: StatusCause[] = [];
  const { minItems, maxItems } = schema;
  const items = itemsOf(schema);
  const inside = items
    ? value.map((item, index) => {
        const was = itemBefore(before, item, schema);
        return ratcheted(item, items, { path: `${path}[${index}]`, before: was });
      })
    : [];
  if (minItems !== undefined && value.length < minItems) {
    const rule = `${path} in body should have at least ${minItems} items`;
    causes.push(invalidValue(field(path), value.length, rule));
  }
  if (maxItems !== undefined && value.length > maxItems) causes.push(tooManyItems(field(path), value.length, maxItems));
  return merged(...inside, verdict(causes, 1));
}

function objectOf(value: Json, schema: JsonSchema, { path, before }: Place): Verdict {
  const { properties = {}, minProperties, maxProperties } = schema;
  const inside = (name: string): Place => ({
    path: path === '' ? name : `${path}.${name}`,
    before: memberBefore(before, name),
  });
  // Of an object with too few or too many members nothing more is said.
  const count = Object.keys(value).length;
  if (minProperties !== undefined && count < minProperties) {
    const rule = `${path} in body should have at least ${minProperties} properties`;
    return verdict([invalidValue(field(path), count, rule)]);
  }
  if (maxProperties !== undefined && count > maxProperties) {
    return verdict([tooManyItems(field(path), count, maxProperties)]);
  }
  const missing = (schema.required ?? []).filter((name) => !Object.hasOwn(value, name));
  const values = valuesOf(schema);
  const members = Object.entries(value).flatMap(([name, member]) => {
    const inner = Object.hasOwn(properties, name) ? properties[name] : values;
    return inner ? [ratcheted(member, inner, inside(name))] : [];
  });
  return merged(verdict(missing.map((name) => required(inside(name).path))), ...members);
}

/** Members that an update left alone are not judged again here either, but the whole is. */
function junctionsOf(value: unknown, schema: JsonSchema, place: Place): Verdict {
  const verdicts: Verdict[] = [];
  const judge = (inner: JsonSchema): Verdict => judged(value, inner, place);
  // Upstream names the place only in the message.
  const wrong = (rule: string): void => {
    verdicts.push(verdict([invalidValue(wholeObject, '', `"${place.path}" ${rule}`)]));
  };
  const { allOf = [], anyOf = [], oneOf = [], not } = schema;
  if (anyOf.length) {
    const found = anyOf.map(judge);
    const valid = found.find(holds);
    if (!valid) wrong('must validate at least one schema (anyOf)');
    verdicts.push(valid ?? closest(found));
  }
  if (oneOf.length) {
    const found = oneOf.map(judge);
    const [first, ...others] = found.filter(holds);
    if (!first) {
      wrong('must validate one and only one schema (oneOf). Found none valid');
      verdicts.push(closest(found));
    } else if (others.length) {
      wrong(`must validate one and only one schema (oneOf). Found ${others.length + 1} valid alternatives`);
    } else verdicts.push(first);
  }
  const all = allOf.map(judge);
  verdicts.push(...all);
  if (!all.every(holds)) {
    wrong(`must validate all the schemas (allOf)${all.some(holds) ? '' : '. None validated'}`);
  }
  if (not && holds(judge(not))) wrong('must not validate the schema (not)');
  const { causes, matches } = merged(...verdicts);
  return verdict(causes, matches + 1);
}

const holds = ({ causes }: Verdict): boolean => causes.length === 0;

/** The alternative that fits best: the first of those with the most checks that went well. */
const closest = (found: readonly Verdict[]): Verdict =>
  found.reduce((best, one) => (one.matches > best.matches ? one : best));
