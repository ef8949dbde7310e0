import { keyOf } from '@skiff/api/meta';
import { isConflict, isNotFound } from '@skiff/api/status';
import type { Pod } from '@skiff/api/types';
import type { ResourceClient } from '@skiff/client/resource';

/** Deletes this very Pod; one that is gone or was replaced is left alone. */
export async function deletePod(pods: ResourceClient<Pod>, pod: Pod): Promise<void> {
  const { uid } = pod.metadata;
  try {
    await pods.delete(keyOf(pod), { ...(uid && { preconditions: { uid } }) });
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}
