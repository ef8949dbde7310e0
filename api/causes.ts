import type { StatusCause } from './status.ts';

// The causes of an Invalid answer, in Kubernetes' words (upstream: apimachinery/pkg/util/validation/field). `field` is a path, as
// `spec.ports[0].port`.

/** Stands for a value that the message of a cause leaves out, as it is too large to be shown. */
export const omittedValue = Symbol('omitted');

/** The beginning of a message, and the value. */
const about = (what: string, value: unknown): string => (value === omittedValue ? what : `${what}: ${shown(value)}`);

function shown(value: unknown): string {
  if (value === undefined || value === null) return 'null';
  return typeof value === 'object' || typeof value === 'string' ? JSON.stringify(value) : String(value);
}

const withDetail = (head: string, detail: string): string => (detail === '' ? head : `${head}: ${detail}`);

export const required = (field: string, detail = ''): StatusCause => ({
  reason: 'FieldValueRequired',
  message: withDetail('Required value', detail),
  field,
});

export const invalidValue = (field: string, value: unknown, detail: string): StatusCause => ({
  reason: 'FieldValueInvalid',
  message: withDetail(about('Invalid value', value), detail),
  field,
});

/** The value is of another type than the field. */
export const typeInvalid = (field: string, value: unknown, detail: string): StatusCause => ({
  ...invalidValue(field, value, detail),
  reason: 'FieldValueTypeInvalid',
});

export const notSupported = (field: string, value: unknown, supported: readonly string[]): StatusCause => ({
  reason: 'FieldValueNotSupported',
  message: `Unsupported value: ${shown(value)}${
    supported.length ? `: supported values: ${supported.map((text) => JSON.stringify(text)).join(', ')}` : ''
  }`,
  field,
});

export const duplicate = (field: string, value: unknown, detail = ''): StatusCause => ({
  reason: 'FieldValueDuplicate',
  message: withDetail(about('Duplicate value', value), detail),
  field,
});

/** The field may not be set, or not be changed. */
export const forbiddenField = (field: string, detail: string): StatusCause => ({
  reason: 'FieldValueForbidden',
  message: withDetail('Forbidden', detail),
  field,
});

export const notFoundValue = (field: string, value: unknown): StatusCause => ({
  reason: 'FieldValueNotFound',
  message: `Not found: ${shown(value)}`,
  field,
});

export const tooLongValue = (field: string, max: number): StatusCause => ({
  reason: 'FieldValueTooLong',
  message: `Too long: may not be more than ${max} bytes`,
  field,
});

export const tooManyItems = (field: string, count: number, max: number): StatusCause => ({
  reason: 'FieldValueTooMany',
  message: `Too many: ${count}: must have at most ${max} items`,
  field,
});

/** Required where there is none, NotSupported where it is another one; messages list the supported ones in order. */
export function oneOf(field: string, value: string | undefined, supported: readonly string[]): StatusCause[] {
  if (!value) return [required(field)];
  return supported.includes(value) ? [] : [notSupported(field, value, supported)];
}

/** A value that may be absent, but not another than these. */
export const optionalOneOf = (field: string, value: string | undefined, supported: readonly string[]): StatusCause[] =>
  value === undefined || supported.includes(value) ? [] : [notSupported(field, value, supported)];

export const nonNegative = (field: string, value: number | undefined): StatusCause[] =>
  value !== undefined && value < 0 ? [invalidValue(field, value, 'must be greater than or equal to 0')] : [];

/** A number, if there is one, within bounds. */
export const within = (field: string, value: number | undefined, [first, last]: readonly [number, number]) =>
  value !== undefined && (value < first || value > last)
    ? [invalidValue(field, value, `must be between ${first} and ${last}, inclusive`)]
    : [];

/** A Required cause for each of these members that is absent or empty; `field` is the path of what they are members of. */
export const requiredMembers = <T extends object>(field: string, value: T, names: readonly (keyof T & string)[]) =>
  names.filter((name) => !value[name]).map((name) => required(`${field}.${name}`));

/** A cause for each message of a name rule. */
export const invalidBy = (rule: (value: string) => string[], field: string, value: string): StatusCause[] =>
  rule(value).map((message) => invalidValue(field, value, message));
