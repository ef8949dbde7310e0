import type { Environment } from '@marcbachmann/cel-js';
import { type Comparable, first, iterate, less, same } from './values.ts';

/** `sets` and `math` are names whose members are functions. */
class Sets {}
class Maths {}

/** `sets.contains`, `math.greatest` and their like. */
export function setsAndMaths(environment: Environment): void {
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
    )
    .registerType('kubernetes.Math', { ctor: Maths, fields: {} })
    .registerConstant('math', 'kubernetes.Math', new Maths());
  for (const [name, pick] of [
    ['greatest', (a: Comparable, b: Comparable) => (less(a, b) ? b : a)],
    ['least', (a: Comparable, b: Comparable) => (less(b, a) ? b : a)],
  ] as const) {
    environment
      .registerFunction(`kubernetes.Math.${name}(T, T): T`, (_: Maths, a: Comparable, b: Comparable) => pick(a, b))
      .registerFunction(`kubernetes.Math.${name}(list<T>): T`, (_: Maths, list: Comparable[]) =>
        iterate(list).reduce(pick, first(iterate(list), name)),
      );
  }
}
