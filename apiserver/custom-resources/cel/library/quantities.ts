import type { Environment } from '@marcbachmann/cel-js';
import { Quantity } from '@skiff/api/quantity';

/** Quantities as in requests and limits. */
export function quantities(environment: Environment): void {
  const parse = (text: string): Quantity => {
    const found = Quantity.tryParse(text);
    if (!found) throw new Error(`quantities must match the regular expression, got ${JSON.stringify(text)}`);
    return found;
  };
  environment
    .registerType('kubernetes.Quantity', { ctor: Quantity, fields: {} })
    .registerFunction('isQuantity(string): bool', (text: string) => Quantity.tryParse(text) !== undefined)
    .registerFunction('quantity(string): kubernetes.Quantity', parse)
    .registerFunction(
      'kubernetes.Quantity.isGreaterThan(kubernetes.Quantity): bool',
      (a: Quantity, b: Quantity) => a.compare(b) > 0,
    )
    .registerFunction(
      'kubernetes.Quantity.isLessThan(kubernetes.Quantity): bool',
      (a: Quantity, b: Quantity) => a.compare(b) < 0,
    )
    .registerFunction('kubernetes.Quantity.compareTo(kubernetes.Quantity): int', (a: Quantity, b: Quantity) =>
      BigInt(Math.sign(a.compare(b))),
    )
    .registerOperator('kubernetes.Quantity == kubernetes.Quantity', (a: Quantity, b: Quantity) => a.compare(b) === 0);
}
