type Json = Record<string, unknown>;

/**
 * What marks in Go's sources say of fields beside their types: the defaults (`+default`), and which field tells of the others what they
 * are (`+unionDiscriminator`). The declarations of @kubernetes/client-node lack both.
 */
const defaults: Readonly<Record<string, unknown>> = {
  'V1AzureDiskVolumeSource.cachingMode': 'ReadWrite',
  'V1AzureDiskVolumeSource.fsType': 'ext4',
  'V1AzureDiskVolumeSource.kind': 'Shared',
  'V1AzureDiskVolumeSource.readOnly': false,
  'V1ConfigMapEnvSource.name': '',
  'V1ConfigMapKeySelector.name': '',
  'V1ConfigMapProjection.name': '',
  'V1ConfigMapVolumeSource.name': '',
  'V1ContainerPort.protocol': 'TCP',
  'V1FileKeySelector.optional': false,
  'V1GRPCAction.service': '',
  'V1ISCSIPersistentVolumeSource.iscsiInterface': 'default',
  'V1ISCSIVolumeSource.iscsiInterface': 'default',
  'V1LocalObjectReference.name': '',
  'V1RBDPersistentVolumeSource.keyring': '/etc/ceph/keyring',
  'V1RBDPersistentVolumeSource.pool': 'rbd',
  'V1RBDPersistentVolumeSource.user': 'admin',
  'V1RBDVolumeSource.keyring': '/etc/ceph/keyring',
  'V1RBDVolumeSource.pool': 'rbd',
  'V1RBDVolumeSource.user': 'admin',
  'V1ScaleIOPersistentVolumeSource.fsType': 'xfs',
  'V1ScaleIOPersistentVolumeSource.storageMode': 'ThinProvisioned',
  'V1ScaleIOVolumeSource.fsType': 'xfs',
  'V1ScaleIOVolumeSource.storageMode': 'ThinProvisioned',
  'V1SecretEnvSource.name': '',
  'V1SecretKeySelector.name': '',
  'V1SecretProjection.name': '',
  'V1ServicePort.protocol': 'TCP',
};

/** The default that a mark gives to a field. */
export const markedDefault = (model: string, field: string): Json => {
  const value = defaults[`${model}.${field}`];
  return value === undefined ? {} : { default: value };
};

const union = { discriminator: 'type', 'fields-to-discriminateBy': { localhostProfile: 'LocalhostProfile' } };
const unions: Readonly<Record<string, readonly Json[]>> = { V1AppArmorProfile: [union], V1SeccompProfile: [union] };

/** Which field of a model says which other one counts. */
export const unionsOf = (model: string): Json => {
  const found = unions[model];
  return found ? { 'x-kubernetes-unions': found } : {};
};

/** The fields with a marked default: `V1ServicePort.protocol`. */
export const markedFields: readonly string[] = Object.keys(defaults);
