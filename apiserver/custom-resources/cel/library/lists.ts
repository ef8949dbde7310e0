import type { Environment } from '@marcbachmann/cel-js';
import { type Comparable, first, iterate, less, same } from './values.ts';

/** Sums, bounds, order and places of what is in lists. */
export function lists(environment: Environment): void {
  environment
    .registerFunction('list<int>.sum(): int', (list: Iterable<bigint>) => iterate(list).reduce((a, b) => a + b, 0n))
    .registerFunction('list<double>.sum(): double', (list: Iterable<number>) =>
      iterate(list).reduce((a, b) => a + b, 0),
    )
    .registerFunction('list<T>.min(): T', (list: Iterable<Comparable>) =>
      iterate(list).reduce((a, b) => (less(b, a) ? b : a), first(iterate(list), 'min')),
    )
    .registerFunction('list<T>.max(): T', (list: Iterable<Comparable>) =>
      iterate(list).reduce((a, b) => (less(a, b) ? b : a), first(iterate(list), 'max')),
    )
    .registerFunction('list<T>.isSorted(): bool', (list: Iterable<Comparable>) =>
      iterate(list).every((value, index, all) => {
        const before = all[index - 1];
        return before === undefined || !less(value, before);
      }),
    )
    .registerFunction('list<T>.indexOf(T): int', (list: Iterable<unknown>, wanted: unknown) =>
      BigInt(iterate(list).findIndex((value) => same(value, wanted))),
    )
    .registerFunction('list<T>.lastIndexOf(T): int', (list: Iterable<unknown>, wanted: unknown) =>
      BigInt(iterate(list).findLastIndex((value) => same(value, wanted))),
    );
}
