import { Quantity } from '../quantity.ts';

/** Amounts of resources by name. */
export type Amounts = ReadonlyMap<string, Quantity>;

export const one: Quantity = Quantity.parse('1');

export const readAmounts = (given: Readonly<Record<string, string>> | undefined): Map<string, Quantity> =>
  new Map(Object.entries(given ?? {}).map(([name, text]) => [name, Quantity.tryParse(text) ?? Quantity.zero]));

function combine(a: Amounts, b: Amounts, how: (x: Quantity, y: Quantity) => Quantity): Map<string, Quantity> {
  const names = new Set([...a.keys(), ...b.keys()]);
  return new Map([...names].map((name) => [name, how(a.get(name) ?? Quantity.zero, b.get(name) ?? Quantity.zero)]));
}

export const plus = (a: Amounts, b: Amounts): Map<string, Quantity> => combine(a, b, (x, y) => x.add(y));
export const minus = (a: Amounts, b: Amounts): Map<string, Quantity> => combine(a, b, (x, y) => x.subtract(y));
export const larger = (a: Amounts, b: Amounts): Map<string, Quantity> =>
  combine(a, b, (x, y) => (x.compare(y) >= 0 ? x : y));

export const writeAmounts = (amounts: Amounts): Record<string, string> =>
  Object.fromEntries(
    [...amounts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, amount]) => [name, amount.toString()]),
  );
