import type { Environment } from '@marcbachmann/cel-js';

/** What the CEL libraries of Kubernetes give every type that has an order: `isGreaterThan`, `isLessThan` and `compareTo`. */
export function registerComparisons<T extends { compare(other: T): number }>(
  environment: Environment,
  type: string,
): void {
  environment
    .registerFunction(`${type}.isGreaterThan(${type}): bool`, (a: T, b: T) => a.compare(b) > 0)
    .registerFunction(`${type}.isLessThan(${type}): bool`, (a: T, b: T) => a.compare(b) < 0)
    .registerFunction(`${type}.compareTo(${type}): int`, (a: T, b: T) => BigInt(Math.sign(a.compare(b))));
}
