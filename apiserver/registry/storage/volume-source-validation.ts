import { forbiddenField, invalidBy, required } from '@skiff/api/causes';
import { dns1123Label, dns1123Subdomain } from '@skiff/api/names';
import type { StatusCause } from '@skiff/api/status';
import type { PersistentVolume } from '@skiff/api/types';
import { driverRules } from '../pod-template/driver-volume-validation.ts';
import { noBacksteps } from '../pod-template/path-validation.ts';
import { hostPathRule } from '../pod-template/volume-validation.ts';

type Spec = NonNullable<PersistentVolume['spec']>;

/** What a volume may be made of, one of these, in the order in which upstream looks for them. */
export const volumeSources = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'flocker',
  'nfs',
  'rbd',
  'quobyte',
  'cephfs',
  'iscsi',
  'cinder',
  'fc',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'scaleIO',
  'local',
  'storageos',
  'csi',
  'flexVolume',
] as const;
type Source = (typeof volumeSources)[number];

type Csi = NonNullable<Spec['csi']>;
const csiSecrets = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
] as const satisfies readonly (keyof Csi)[];

function validateSecret({ name, namespace }: { name?: string; namespace?: string }, field: string): StatusCause[] {
  return [
    ...(name ? invalidBy(dns1123Subdomain, `${field}.name`, name) : [required(`${field}.name`)]),
    ...(namespace ? invalidBy(dns1123Label, `${field}.namespace`, namespace) : [required(`${field}.namespace`)]),
  ];
}

function validateCsi(csi: Csi, field: string): StatusCause[] {
  const { driver, volumeHandle } = csi;
  return [
    ...driverRules.csi({ driver }, field, { volume: '' }),
    ...(volumeHandle ? [] : [required(`${field}.volumeHandle`)]),
    ...csiSecrets.flatMap((name) => {
      const secret = csi[name];
      return secret ? validateSecret(secret, `${field}.${name}`) : [];
    }),
  ];
}

function validateLocal({ path }: NonNullable<Spec['local']>, field: string): StatusCause[] {
  return path ? noBacksteps(`${field}.path`, path) : [required(`${field}.path`)];
}

/** The rules of the source that a volume has; what Pods can name themselves has the same. */
function validateOne(spec: Spec, source: Source, volume: string): StatusCause[] {
  const field = `spec.${source}`;
  if (source === 'csi') return spec.csi ? validateCsi(spec.csi, field) : [];
  if (source === 'local') return spec.local ? validateLocal(spec.local, field) : [];
  if (source === 'hostPath') return spec.hostPath ? hostPathRule(spec.hostPath, field) : [];
  // Each rule takes what its own name stands for; sources of volumes have all that those of Pods have.
  const rule = driverRules[source] as (source: unknown, field: string, names: { volume: string }) => StatusCause[];
  return rule(spec[source], field, { volume });
}

/** Upstream: the part of ValidatePersistentVolumeSpec that is about what the volume is made of. */
export function validateVolumeSource(spec: Spec, volume: string): StatusCause[] {
  const [first, ...more] = volumeSources.filter((name) => spec[name] !== undefined);
  if (!first) return [required('spec', 'must specify a volume type')];
  return [
    ...validateOne(spec, first, volume),
    ...more.map((name) => forbiddenField(`spec.${name}`, 'may not specify more than 1 volume type')),
  ];
}
