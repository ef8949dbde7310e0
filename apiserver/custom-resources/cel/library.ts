import type { Environment } from '@marcbachmann/cel-js';
import { addresses } from './library/addresses.ts';
import { lists } from './library/lists.ts';
import { presences } from './library/presence.ts';
import { quantities } from './library/quantities.ts';
import { setsAndMaths } from './library/sets-and-maths.ts';
import { strings } from './library/strings.ts';
import { urls } from './library/urls.ts';

/**
 * What Kubernetes adds to CEL (Kubernetes documentation, "Kubernetes CEL libraries"). Whole numbers are bigints, doubles are numbers,
 * lists are any iterables.
 */
export function registerLibrary(environment: Environment): void {
  for (const register of [presences, lists, strings, urls, addresses, quantities, setsAndMaths]) register(environment);
}
