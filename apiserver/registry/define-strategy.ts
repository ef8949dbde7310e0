import type { StatusCause } from '@skiff/api/status';
import type { DeleteOptions } from './delete-options.ts';
import type { Change, Reservation, Strategy, WriteContext } from './strategy.ts';

/** A {@link Strategy} in terms of its kind's own type. */
export interface StrategyOf<T> {
  admit?(object: T, old: T | undefined, context: WriteContext): void;
  default?(object: T, old?: T): void;
  prepareForCreate?(object: T, context: WriteContext): void;
  prepareForUpdate?(object: T, old: T, context: WriteContext): void;
  validate?(object: T, context: WriteContext): StatusCause[];
  validateCreate?(object: T, context: WriteContext): StatusCause[];
  validateUpdate?(object: T, old: T, context: WriteContext): StatusCause[];
  validateChange?(object: T, old: T | undefined, context: WriteContext): StatusCause[];
  warnings?(object: T, old: T | undefined, context: WriteContext): string[];
  reserve?(object: T, old: T | undefined, context: WriteContext): Reservation | undefined;
  bound?(object: T, old: T | undefined, context: WriteContext): Reservation | undefined;
  refuseDelete?(object: T): string | undefined;
  ownFinalizers?: boolean;
  deletionFinalizers?: readonly string[];
  deletesInItsOwnWay?: boolean;
  prepareForDelete?(object: T, now: Date): void;
  afterWrite?(written: Change<T>, context: WriteContext): Promise<void>;
  gracePeriodSeconds?(object: T, asked: number | undefined): number;
  hasOwnFinalizers?(object: T): boolean;
  deleteReturnsObject?: boolean;
  orphansDependents?: boolean;
  deleteWarnings?(options: DeleteOptions): string[];
  updateNeedsVersion?: boolean;
  updateCreates?: boolean;
  fields?: Readonly<Record<string, (object: T) => string>>;
}

/** Makes a strategy that can speak of `spec.ports` without asking whether they are there. */
export function defineStrategy<T>(strategy: StrategyOf<T>): Strategy {
  // Every object that reaches a strategy was decoded by its kind's schema, so it is a T.
  return strategy as unknown as Strategy;
}
