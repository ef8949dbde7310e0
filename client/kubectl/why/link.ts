import type { Verdict } from './verdict.ts';
import type { World } from './world.ts';

/** One thing that must hold for a Service to work. */
export interface Link {
  readonly name: string;
  /** Links without which this one can't be looked at. */
  readonly needs: readonly string[];
  /** Whether this Service has such a link at all. */
  applies(world: World): boolean;
  /** What it rejects with makes the link unknown. */
  check(world: World): Promise<Verdict> | Verdict;
}
