import { isDeepStrictEqual } from 'node:util';
import { invalidValue } from '@skiff/api/causes';
import type { StatusCause } from '@skiff/api/status';

/** A field that stays as it was made (upstream: ValidateImmutableField). */
export const validateImmutable = (value: unknown, old: unknown, field: string): StatusCause[] =>
  isDeepStrictEqual(value, old) ? [] : [invalidValue(field, value, 'field is immutable')];
