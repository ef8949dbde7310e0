import { keyOf } from '@skiff/api/meta';
import { isNotFound } from '@skiff/api/status';
import type { Pod } from '@skiff/api/types';
import type { Client } from '@skiff/client/client';
import { wireTime } from '../wire-time.ts';

/** Removes a Pod whose node is no more, at once. It has failed by that, for those who count (upstream: the pod garbage collector). */
export async function removeOrphan(client: Client, pod: Pod, now: number): Promise<void> {
  const pods = client.resource('Pod');
  const key = keyOf(pod);
  const isOver = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
  try {
    if (!isOver) await pods.patch(key, { status: failure(now) }, { type: 'strategic', subresource: 'status' });
    await pods.delete(key, { gracePeriodSeconds: 0 });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

function failure(now: number): object {
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByPodGC',
    message: 'PodGC: node no longer exists',
    lastTransitionTime: wireTime(now),
  };
  return { phase: 'Failed', conditions: [condition] };
}
