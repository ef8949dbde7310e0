import type { StoredMeta } from '@skiff/api/meta';

/** The class that an annotation makes the default; of several the newest, and of those the first by name. */
export function newestDefault<T extends { readonly metadata: StoredMeta }>(
  classes: readonly T[],
  annotation: string,
): T | undefined {
  const age = ({ metadata }: T): number => Date.parse(metadata.creationTimestamp ?? '');
  return classes
    .filter(({ metadata }) => metadata.annotations?.[annotation] === 'true')
    .sort((a, b) => age(b) - age(a) || (a.metadata.name < b.metadata.name ? -1 : 1))[0];
}
