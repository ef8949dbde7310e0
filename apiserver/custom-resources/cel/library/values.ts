import { isDeepStrictEqual } from 'node:util';

/** Values that have an order. */
export type Comparable = bigint | number | string | boolean | Date;

export const less = (a: Comparable, b: Comparable): boolean => a < b;
export const same = (a: unknown, b: unknown): boolean => isDeepStrictEqual(a, b);
/** A list of CEL may be any iterable. */
export const iterate = <T>(list: Iterable<T>): T[] => [...list];

/** The first of a list. Throws where there is none; `name` is that of the function which needs one. */
export function first<T>(list: readonly T[], name: string): T {
  const [value] = list;
  if (value === undefined) throw new Error(`${name} called on empty list`);
  return value;
}
