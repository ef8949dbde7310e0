import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '@skiff/api/meta';

/**
 * Takes out of an object's owners those that it names twice (upstream: dedupOwnerReferencesAndAddWarning). Returns the warning about
 * them, which says whether they came with the request or, as a patch's do, were only seen when it was worked in. Mutates.
 */
export function dropRepeatedOwners({ metadata }: KubeObject, seen: 'sent' | 'patched'): string[] {
  const kept: NonNullable<typeof metadata.ownerReferences> = [];
  const repeated: string[] = [];
  for (const owner of metadata.ownerReferences ?? []) {
    if (kept.some((other) => isDeepStrictEqual(other, owner))) repeated.push(owner.uid);
    else kept.push(owner);
  }
  if (repeated.length === 0) return [];
  metadata.ownerReferences = kept;
  const when = seen === 'sent' ? '' : ' after mutating admission happens';
  return [
    `.metadata.ownerReferences contains duplicate entries${when}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${repeated.join(', ')}`,
  ];
}
