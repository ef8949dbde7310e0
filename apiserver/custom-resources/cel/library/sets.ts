import type { Environment } from '@marcbachmann/cel-js';
import { iterate, same } from './values.ts';

/** `sets` is a name whose members are functions. */
class Sets {}

/** `sets.contains` and its like. */
export function sets(environment: Environment): void {
  const contains = (list: Iterable<unknown>, parts: Iterable<unknown>): boolean => {
    const all = iterate(list);
    return iterate(parts).every((part) => all.some((value) => same(value, part)));
  };
  environment
    .registerType('kubernetes.Sets', { ctor: Sets, fields: {} })
    .registerConstant('sets', 'kubernetes.Sets', new Sets())
    .registerFunction('kubernetes.Sets.contains(list<T>, list<T>): bool', (_: Sets, a: unknown[], b: unknown[]) =>
      contains(a, b),
    )
    .registerFunction(
      'kubernetes.Sets.equivalent(list<T>, list<T>): bool',
      (_: Sets, a: unknown[], b: unknown[]) => contains(a, b) && contains(b, a),
    )
    .registerFunction('kubernetes.Sets.intersects(list<T>, list<T>): bool', (_: Sets, a: unknown[], b: unknown[]) =>
      iterate(a).some((value) => iterate(b).some((other) => same(value, other))),
    );
}
