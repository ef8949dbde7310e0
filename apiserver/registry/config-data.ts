import { isDeepStrictEqual } from 'node:util';
import { forbiddenField, invalidBy, tooLongValue } from '@skiff/api/causes';
import { configMapKey } from '@skiff/api/names';
import type { StatusCause } from '@skiff/api/status';

/** Of all values of a ConfigMap or Secret together. */
const maxBytes = 1024 * 1024;

export const bytesOfBase64 = (text: string): number => Math.floor((text.replace(/=+$/, '').length * 3) / 4);

export const validateKeys = (data: Readonly<Record<string, string>>, field: string): StatusCause[] =>
  Object.keys(data).flatMap((key) => invalidBy(configMapKey, `${field}[${key}]`, key));

export const validateSize = (bytes: number, field: string): StatusCause[] =>
  bytes > maxBytes ? [tooLongValue(field, maxBytes)] : [];

interface Immutable {
  readonly immutable?: boolean;
  readonly [field: string]: unknown;
}

/** An immutable object stays so, and its data with it. */
export function validateImmutable(object: Immutable, old: Immutable, fields: readonly string[]): StatusCause[] {
  if (!old.immutable) return [];
  const causes = object.immutable ? [] : [forbiddenField('immutable', 'field is immutable when `immutable` is set')];
  for (const field of fields) {
    if (isDeepStrictEqual(object[field], old[field])) continue;
    causes.push(forbiddenField(field, 'field is immutable when `immutable` is set'));
  }
  return causes;
}
