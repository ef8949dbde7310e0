import type { Environment } from '@marcbachmann/cel-js';
import { Quantity } from '@skiff/api/quantity';
import { registerComparisons } from './comparisons.ts';

/** Quantities as in requests and limits. */
export function quantities(environment: Environment): void {
  const parse = (text: string): Quantity => {
    const found = Quantity.tryParse(text);
    if (!found) throw new Error(`quantities must match the regular expression, got ${JSON.stringify(text)}`);
    return found;
  };
  const whole = (quantity: Quantity): bigint | undefined => {
    const value = quantity.toBigInt();
    const exact = quantity.compare(Quantity.parse(String(value))) === 0;
    return exact && BigInt.asIntN(64, value) === value ? value : undefined;
  };
  const of = (value: Quantity | bigint): Quantity =>
    typeof value === 'bigint' ? Quantity.parse(String(value)) : value;
  const add = (a: Quantity, b: Quantity | bigint): Quantity => a.add(of(b));
  const subtract = (a: Quantity, b: Quantity | bigint): Quantity => a.subtract(of(b));
  environment
    .registerType('kubernetes.Quantity', { ctor: Quantity, fields: {} })
    .registerFunction('isQuantity(string): bool', (text: string) => Quantity.tryParse(text) !== undefined)
    .registerFunction('quantity(string): kubernetes.Quantity', parse)
    .registerFunction('kubernetes.Quantity.isInteger(): bool', (quantity: Quantity) => whole(quantity) !== undefined)
    .registerFunction('kubernetes.Quantity.asInteger(): int', (quantity: Quantity) => {
      const value = whole(quantity);
      if (value === undefined) throw new Error('cannot convert value to integer');
      return value;
    })
    .registerFunction('kubernetes.Quantity.asApproximateFloat(): double', (quantity: Quantity) => quantity.toNumber())
    .registerFunction('kubernetes.Quantity.sign(): int', (quantity: Quantity) =>
      BigInt(quantity.compare(Quantity.zero)),
    )
    .registerFunction('kubernetes.Quantity.add(kubernetes.Quantity): kubernetes.Quantity', add)
    .registerFunction('kubernetes.Quantity.add(int): kubernetes.Quantity', add)
    .registerFunction('kubernetes.Quantity.sub(kubernetes.Quantity): kubernetes.Quantity', subtract)
    .registerFunction('kubernetes.Quantity.sub(int): kubernetes.Quantity', subtract)
    .registerOperator('kubernetes.Quantity == kubernetes.Quantity', (a: Quantity, b: Quantity) => a.compare(b) === 0);
  registerComparisons<Quantity>(environment, 'kubernetes.Quantity');
}
