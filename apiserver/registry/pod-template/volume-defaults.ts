import type { V1Volume } from '@kubernetes/client-node';
import type { Wire } from '@skiff/api/meta';

export type Volume = Wire<V1Volume>;

/** rw-r--r-- */
const fileMode = 0o644;

/** Fills in what a volume leaves open: without a source it is an empty directory. Mutates. */
export function defaultVolume(volume: Volume): void {
  if (Object.keys(volume).every((field) => field === 'name')) volume.emptyDir = {};
  if (volume.secret) volume.secret.defaultMode ??= fileMode;
  if (volume.configMap) volume.configMap.defaultMode ??= fileMode;
  defaultDriver(volume);
  if (volume.downwardAPI) {
    volume.downwardAPI.defaultMode ??= fileMode;
    for (const { fieldRef } of volume.downwardAPI.items ?? []) if (fieldRef) fieldRef.apiVersion ??= 'v1';
  }
  if (volume.projected) {
    volume.projected.defaultMode ??= fileMode;
    for (const { serviceAccountToken, downwardAPI } of volume.projected.sources ?? []) {
      if (serviceAccountToken) serviceAccountToken.expirationSeconds ??= 3600;
      for (const { fieldRef } of downwardAPI?.items ?? []) if (fieldRef) fieldRef.apiVersion ??= 'v1';
    }
  }
  const claim = volume.ephemeral?.volumeClaimTemplate;
  if (!claim) return;
  claim.spec ??= {}; // what is missing is for validation to report
  claim.spec.volumeMode ??= 'Filesystem';
}

/** What Pods and PersistentVolumes both may be made of. */
type Drivers = Pick<Volume, 'hostPath' | 'iscsi' | 'rbd' | 'azureDisk' | 'scaleIO'>;

/** Fills in what a volume leaves open that a driver provides. Mutates. */
export function defaultDriver({ hostPath, iscsi, rbd, azureDisk, scaleIO }: Drivers): void {
  if (hostPath) hostPath.type ??= '';
  if (iscsi) iscsi.iscsiInterface ||= 'default';
  if (rbd) {
    rbd.pool ||= 'rbd';
    rbd.user ||= 'admin';
    rbd.keyring ||= '/etc/ceph/keyring';
  }
  if (azureDisk) {
    azureDisk.cachingMode ??= 'ReadWrite';
    azureDisk.kind ??= 'Shared';
    azureDisk.fsType ??= 'ext4';
    azureDisk.readOnly ??= false;
  }
  if (scaleIO) {
    scaleIO.storageMode ||= 'ThinProvisioned';
    scaleIO.fsType ||= 'xfs';
  }
}
