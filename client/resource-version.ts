/**
 * Whether one resource version is of an earlier state than another of the same resource. They are decimal numbers, of any length,
 * and may be compared (KEP-5504); what is none, as some aggregated servers have, is older than nothing.
 */
export function isOlder(one: string | undefined, other: string | undefined): boolean {
  if (!one || !other || !decimal.test(one) || !decimal.test(other)) return false;
  return one.length === other.length ? one < other : one.length < other.length;
}

const decimal = /^[1-9]\d*$/;
