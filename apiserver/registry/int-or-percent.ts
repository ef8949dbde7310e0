import { invalidValue, nonNegative } from '@skiff/api/causes';
import type { StatusCause } from '@skiff/api/status';

/** A number of Pods, or a share of them: `3`, `25%`. */
export type IntOrPercent = number | string;

const percentOf = (value: IntOrPercent): number | undefined =>
  typeof value === 'string' && /^\d+%$/.test(value) ? Number(value.slice(0, -1)) : undefined;

/** Upstream: ValidatePositiveIntOrPercent. */
export function validateIntOrPercent(value: IntOrPercent | undefined, field: string): StatusCause[] {
  if (typeof value !== 'string') return nonNegative(field, value);
  if (percentOf(value) !== undefined) return [];
  const rule =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%', or '93%', regex used for validation is '[0-9]+%')";
  return [invalidValue(field, value, rule)];
}

/** Upstream: IsNotMoreThan100Percent. */
export function notMoreThanAll(value: IntOrPercent | undefined, field: string): StatusCause[] {
  const percent = value === undefined ? undefined : percentOf(value);
  return percent !== undefined && percent > 100 ? [invalidValue(field, value, 'must not be greater than 100%')] : [];
}

/** A share of everything: not more than all of it. */
export const validateShare = (value: IntOrPercent | undefined, field: string): StatusCause[] => [
  ...validateIntOrPercent(value, field),
  ...notMoreThanAll(value, field),
];

/** Whether it is none, as a number or as a share. */
export const isZero = (value: IntOrPercent | undefined): boolean =>
  value === undefined || value === 0 || percentOf(value) === 0 || (typeof value === 'string' && !percentOf(value));
