import { Quantity } from '@skiff/api/quantity';
import { LabelSelector } from '@skiff/api/selectors/label-selector';
import type { PersistentVolume, PersistentVolumeClaim } from '@skiff/api/types';

/** How the class was named before there was a field for it. */
const classAnnotation = 'volume.beta.kubernetes.io/storage-class';

export const classOf = ({ metadata, spec }: PersistentVolume | PersistentVolumeClaim): string =>
  metadata.annotations?.[classAnnotation] ?? spec?.storageClassName ?? '';

const sizeOf = (amounts: Readonly<Record<string, string>> | undefined): Quantity =>
  Quantity.tryParse(amounts?.['storage'] ?? '') ?? Quantity.zero;

/** Whether a volume is meant for a claim; of one that was made again it is not, where the volume knows which one it was. */
export function isFor({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const { namespace, name, uid } = spec?.claimRef ?? {};
  return namespace === metadata.namespace && name === metadata.name && (!uid || uid === metadata.uid);
}

/** Whether a volume has what a claim asks for, be it that the claim may not choose it. */
export function satisfies(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const { accessModes = [], capacity, volumeMode } = volume.spec ?? {};
  return (
    sizeOf(capacity).compare(sizeOf(claim.spec?.resources?.requests)) >= 0 &&
    classOf(volume) === classOf(claim) &&
    volumeMode === claim.spec?.volumeMode &&
    (claim.spec?.accessModes ?? []).every((mode) => accessModes.includes(mode))
  );
}

/**
 * The volume that a claim is to have (upstream: pkg/controller/volume/persistentvolume/index.go): one that is meant for it, else
 * the smallest that satisfies it, that nobody has and that its selector selects.
 */
export function findMatch(
  volumes: Iterable<PersistentVolume>,
  claim: PersistentVolumeClaim,
): PersistentVolume | undefined {
  const selector = claim.spec?.selector ? LabelSelector.from(claim.spec.selector) : LabelSelector.everything;
  let best: PersistentVolume | undefined;
  for (const volume of volumes) {
    if (volume.metadata.deletionTimestamp || !satisfies(volume, claim)) continue;
    if (volume.spec?.claimRef) {
      if (isFor(volume, claim)) return volume;
      continue;
    }
    if (volume.status?.phase !== 'Available' || !selector.matches(volume.metadata.labels)) continue;
    if (!best || sizeOf(volume.spec?.capacity).compare(sizeOf(best.spec?.capacity)) < 0) best = volume;
  }
  return best;
}
