import { Quantity } from '@skiff/api/quantity';
import { podAmounts } from '@skiff/api/quota/pod-amounts';
import { allContainers, type NodePod, type Volume } from './types.ts';

const RESOURCE = 'ephemeral-storage';
/** Priority class `system-cluster-critical`, the lowest of those whose Pods are never evicted by their node. */
const CRITICAL_PRIORITY = 2_000_000_000;

/** What a Pod takes of its node's disk, in bytes; what could not be measured is not there. */
export interface LocalStorageUsage {
  /** By name of the `emptyDir`. */
  readonly volumes: ReadonlyMap<string, number>;
  /** Logs and what was written to the root, by name of the container. */
  readonly containers: ReadonlyMap<string, number>;
}

/** Whether anything limits what a Pod may take of its node's disk, so that it has to be measured; for a critical Pod nothing does. */
export function isLimited(pod: NodePod): boolean {
  if ((pod.spec.priority ?? 0) >= CRITICAL_PRIORITY) return false;
  return (
    (pod.spec.volumes ?? []).some((volume) => volumeLimit(volume) !== undefined) ||
    allContainers(pod.spec).some(({ resources }) => resources?.limits?.[RESOURCE] !== undefined)
  );
}

/** The `emptyDir` volumes that are on the disk. */
export function disks(pod: NodePod): Volume[] {
  return (pod.spec.volumes ?? []).filter(({ emptyDir }) => emptyDir && emptyDir.medium !== 'Memory');
}

/** The limit that a Pod has exceeded, in the words of the kubelet's eviction manager; undefined where it keeps to all. */
export function exceededLimit(pod: NodePod, { volumes, containers }: LocalStorageUsage): string | undefined {
  for (const volume of disks(pod)) {
    const limit = volumeLimit(volume);
    if (limit && isAbove(volumes.get(volume.name), limit))
      return `Usage of EmptyDir volume "${volume.name}" exceeds the limit "${limit}". `;
  }
  const limit = podAmounts(pod, 'limits').get(RESOURCE);
  const total = [...volumes.values(), ...containers.values()].reduce((sum, bytes) => sum + bytes, 0);
  if (limit && isAbove(total, limit))
    return `Pod ephemeral local storage usage exceeds the total limit of containers ${limit}. `;
  for (const { name, resources } of pod.spec.containers) {
    const own = Quantity.tryParse(resources?.limits?.[RESOURCE] ?? '0');
    if (own && !own.isZero && isAbove(containers.get(name), own))
      return `Container ${name} exceeded its local ephemeral storage limit "${own}". `;
  }
  return undefined;
}

function volumeLimit({ emptyDir }: Volume): Quantity | undefined {
  const limit = Quantity.tryParse(emptyDir?.sizeLimit ?? '0');
  return limit === undefined || limit.isZero || limit.isNegative ? undefined : limit;
}

function isAbove(bytes: number | undefined, limit: Quantity): boolean {
  return bytes !== undefined && BigInt(bytes) > limit.toBigInt();
}
