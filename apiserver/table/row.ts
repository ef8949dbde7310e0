import { ageOf } from './age.ts';
import type { Cell } from './columns.ts';

/** The cells of most kinds: the name first, the age last. */
export const row = (
  object: { metadata: { name: string; creationTimestamp?: string } },
  now: Date,
  ...cells: Cell[]
): Cell[] => [object.metadata.name, ...cells, ageOf(object.metadata.creationTimestamp, now)];
