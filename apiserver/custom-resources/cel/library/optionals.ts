import type { Environment, Optional } from '@marcbachmann/cel-js';

/** Whether a value is what there would be of its type without a value. */
function isZero(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === '' || value === 0 || value === 0n)
    return true;
  if (Array.isArray(value)) return value.length === 0;
  return value instanceof Map && value.size === 0;
}

/** What the engine lacks of optional values. */
export function optionals(environment: Environment, { of, none }: typeof Optional): void {
  environment.registerFunction('OptionalNamespace.ofNonZeroValue(T): optional<T>', (_: unknown, value: unknown) =>
    isZero(value) ? none() : of(value),
  );
}
