import { keyOf, type ObjectKey, type StoredMeta } from '@skiff/api/meta';
import type { LabelSelectorObject } from '@skiff/api/selectors/label-selector';
import { isConflict, isNotFound } from '@skiff/api/status';
import type { Pod } from '@skiff/api/types';
import type { ResourceClient } from '@skiff/client/resource';
import { adoptionPatch, claim, releasePatch } from './claim.ts';
import { controllerReference } from './ownership.ts';

interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: StoredMeta;
  readonly spec?: { readonly selector?: LabelSelectorObject };
}

/**
 * The Pods of an owner among those of its namespace, once those that it selects are adopted and those that it no longer selects
 * are released. `get` reads the owner from the API server itself, so that one that was deleted doesn't adopt what it just lost.
 */
export async function claimPods<T extends Owner>(
  owner: T,
  pods: Iterable<Pod>,
  clients: { readonly pods: ResourceClient<Pod>; get(key: ObjectKey): Promise<T> },
): Promise<readonly Pod[]> {
  const { owned, adopt, release } = claim(owner, owner.spec?.selector, pods);
  if (adopt.length > 0 && !(await isStillThere(owner, clients.get))) {
    return owned.filter((pod) => !adopt.includes(pod));
  }
  const patches = [
    ...adopt.map((pod) => [pod, adoptionPatch(pod, controllerReference(owner))] as const),
    ...release.map((pod) => [pod, releasePatch(pod, owner)] as const),
  ];
  await Promise.all(
    patches.map(async ([pod, patch]) => {
      try {
        await clients.pods.patch(keyOf(pod), patch);
      } catch (error) {
        // The Pod went or changed; what the cache is about to show brings its owner back.
        if (!isNotFound(error) && !isConflict(error)) throw error;
      }
    }),
  );
  return owned;
}

async function isStillThere<T extends Owner>(owner: T, get: (key: ObjectKey) => Promise<T>): Promise<boolean> {
  try {
    const fresh = await get(keyOf(owner));
    return fresh.metadata.uid === owner.metadata.uid && fresh.metadata.deletionTimestamp === undefined;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}
