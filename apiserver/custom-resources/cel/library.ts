import type { Environment, Optional } from '@marcbachmann/cel-js';
import { addresses } from './library/addresses.ts';
import { formats } from './library/formats.ts';
import { lists } from './library/lists.ts';
import { macroParts } from './library/macro-parts.ts';
import { optionals } from './library/optionals.ts';
import { quantities } from './library/quantities.ts';
import { sets } from './library/sets.ts';
import { strings } from './library/strings.ts';
import { times } from './library/times.ts';
import { urls } from './library/urls.ts';
import { versions } from './library/versions.ts';

/**
 * What Kubernetes adds to CEL (Kubernetes documentation, "Kubernetes CEL libraries"). Whole numbers are bigints, doubles are numbers,
 * lists are any iterables.
 */
export function registerLibrary(environment: Environment, optional: typeof Optional): void {
  for (const register of [macroParts, lists, strings, urls, addresses, quantities, sets, times, versions])
    register(environment);
  formats(environment, optional);
  optionals(environment, optional);
}
