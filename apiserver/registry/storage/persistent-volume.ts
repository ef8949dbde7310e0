import { isDeepStrictEqual } from 'node:util';
import { forbiddenField, invalidBy, invalidValue, notSupported, optionalOneOf, required } from '@skiff/api/causes';
import { dns1123Subdomain } from '@skiff/api/names';
import type { StatusCause } from '@skiff/api/status';
import type { PersistentVolume } from '@skiff/api/types';
import { defineStrategy } from '../define-strategy.ts';
import { timestamp } from '../deletion.ts';
import { validateImmutable } from '../immutable.ts';
import { validateAccessModes } from '../pod-template/claim-template-validation.ts';
import { validateAmount } from '../pod-template/resource-validation.ts';
import { defaultDriver } from '../pod-template/volume-defaults.ts';
import { validatePositive } from '../resource-names.ts';
import { keepSpec, keepStatus } from '../spec-and-status.ts';
import { protect } from './protection.ts';

type Spec = NonNullable<PersistentVolume['spec']>;

/** What a volume may be made of: one of these. */
const sources = [
  'hostPath',
  'local',
  'nfs',
  'iscsi',
  'fc',
  'csi',
  'rbd',
  'cephfs',
  'cinder',
  'glusterfs',
  'flocker',
  'flexVolume',
  'azureDisk',
  'azureFile',
  'awsElasticBlockStore',
  'gcePersistentDisk',
  'photonPersistentDisk',
  'portworxVolume',
  'quobyte',
  'scaleIO',
  'storageos',
  'vsphereVolume',
] as const;

function validateSource(spec: Spec): StatusCause[] {
  const [first, ...more] = sources.filter((name) => spec[name] !== undefined);
  const causes = more.map((name) => forbiddenField(`spec.${name}`, 'may not specify more than 1 volume type'));
  if (!first) return [required('spec', 'must specify a volume type')];
  if (spec.hostPath) causes.push(...validatePath(spec.hostPath.path, 'spec.hostPath.path'));
  if (spec.local) causes.push(...validatePath(spec.local.path, 'spec.local.path'));
  if (spec.local && !spec.nodeAffinity) {
    causes.push(required('spec.nodeAffinity', 'Local volume requires node affinity'));
  }
  if (spec.hostPath?.path === '/' && spec.persistentVolumeReclaimPolicy === 'Recycle') {
    const rule = "may not be 'recycle' for a hostPath mount of '/'";
    causes.push(forbiddenField('spec.persistentVolumeReclaimPolicy', rule));
  }
  return causes;
}

function validatePath(path: string | undefined, field: string): StatusCause[] {
  if (!path) return [required(field)];
  return path.split('/').includes('..') ? [invalidValue(field, path, "must not contain '..'")] : [];
}

function validateCapacity({ capacity = {} }: Spec): StatusCause[] {
  const field = 'spec.capacity';
  const names = Object.keys(capacity);
  if (!names.length) return [required(field)];
  const causes = names.length > 1 || names[0] !== 'storage' ? [notSupported(field, capacity, ['storage'])] : [];
  return [
    ...causes,
    ...Object.entries(capacity).flatMap(([name, value]) => [
      ...validateAmount(name, value, `${field}[${name}]`),
      ...validatePositive(value, `${field}[${name}]`),
    ]),
  ];
}

function validate({ spec }: PersistentVolume): StatusCause[] {
  if (!spec) return [required('spec')];
  return [
    ...validateAccessModes(spec.accessModes ?? [], 'spec.accessModes'),
    ...validateCapacity(spec),
    ...optionalOneOf('spec.persistentVolumeReclaimPolicy', spec.persistentVolumeReclaimPolicy, [
      'Delete',
      'Recycle',
      'Retain',
    ]),
    ...validateSource(spec),
    ...(spec.storageClassName ? invalidBy(dns1123Subdomain, 'spec.storageClassName', spec.storageClassName) : []),
    ...optionalOneOf('spec.volumeMode', spec.volumeMode, ['Block', 'Filesystem']),
  ];
}

function validateUpdate({ spec }: PersistentVolume, old: PersistentVolume): StatusCause[] {
  const source = (one: Spec | undefined): unknown => sources.map((name) => one?.[name]);
  const moved = !isDeepStrictEqual(source(spec), source(old.spec));
  const rule = 'spec.persistentvolumesource is immutable after creation';
  return [
    ...(moved ? [forbiddenField('spec.persistentvolumesource', rule)] : []),
    ...validateImmutable(spec?.volumeMode, old.spec?.volumeMode, 'spec.volumeMode'),
    ...(old.spec?.nodeAffinity
      ? validateImmutable(spec?.nodeAffinity, old.spec.nodeAffinity, 'spec.nodeAffinity')
      : []),
  ];
}

/** Upstream: pkg/registry/core/persistentvolume. */
export const persistentVolumeStrategy = defineStrategy<PersistentVolume>({
  deleteReturnsObject: true,
  admit(volume, old) {
    if (!old) protect(volume, 'kubernetes.io/pv-protection');
  },
  default(volume) {
    volume.spec ??= {};
    volume.spec.persistentVolumeReclaimPolicy ||= 'Retain';
    volume.spec.volumeMode ??= 'Filesystem';
    volume.status = { ...volume.status, phase: volume.status?.phase || 'Pending' };
    defaultDriver(volume.spec);
  },
  prepareForCreate(volume, { now }) {
    volume.status = { phase: 'Pending', lastPhaseTransitionTime: timestamp(now) };
  },
  prepareForUpdate(volume, old, { subresource, now }) {
    if (subresource !== 'status') return keepStatus(volume, old);
    keepSpec(volume, old);
    const { status } = volume;
    if (!status) return;
    if (status.phase !== old.status?.phase) status.lastPhaseTransitionTime ??= timestamp(now);
    if (status.lastPhaseTransitionTime !== undefined || !old.status?.lastPhaseTransitionTime) return;
    status.lastPhaseTransitionTime = old.status.lastPhaseTransitionTime;
  },
  validate: (volume, { subresource }) => (subresource === 'status' ? [] : validate(volume)),
  validateUpdate: (volume, old, { subresource }) => (subresource === 'status' ? [] : validateUpdate(volume, old)),
});
