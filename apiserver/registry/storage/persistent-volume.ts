import { posix } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { forbiddenField, invalidBy, notSupported, optionalOneOf, required } from '@skiff/api/causes';
import { dns1123Subdomain } from '@skiff/api/names';
import type { StatusCause } from '@skiff/api/status';
import type { PersistentVolume } from '@skiff/api/types';
import { defineStrategy } from '../define-strategy.ts';
import { timestamp } from '../deletion.ts';
import { annotationWarnings, classAnnotation, deprecatedNodeLabels, deprecatedVolumes } from '../deprecated.ts';
import { validateImmutable } from '../immutable.ts';
import { validateNodeSelector } from '../pod-template/affinity-validation.ts';
import { validateAccessModes } from '../pod-template/claim-template-validation.ts';
import { validateAmount } from '../pod-template/resource-validation.ts';
import { defaultDriver } from '../pod-template/volume-defaults.ts';
import { validatePositive } from '../resource-names.ts';
import { keepSpec, keepStatus } from '../spec-and-status.ts';
import { protect } from './protection.ts';
import { validateVolumeSource, volumeSources } from './volume-source-validation.ts';

type Spec = NonNullable<PersistentVolume['spec']>;

function validateCapacity({ capacity = {} }: Spec): StatusCause[] {
  const field = 'spec.capacity';
  const names = Object.keys(capacity);
  const causes = names.length ? [] : [required(field)];
  if (names.length !== 1 || names[0] !== 'storage') causes.push(notSupported(field, capacity, ['storage']));
  return [
    ...causes,
    ...Object.entries(capacity).flatMap(([name, value]) => [
      ...validateAmount(name, value, `${field}[${name}]`),
      ...validatePositive(value, `${field}[${name}]`),
    ]),
  ];
}

function validateRecycling({ hostPath, persistentVolumeReclaimPolicy: policy }: Spec): StatusCause[] {
  if (!hostPath?.path || policy !== 'Recycle' || posix.normalize(hostPath.path) !== '/') return [];
  const rule = "may not be 'recycle' for a hostPath mount of '/'";
  return [forbiddenField('spec.persistentVolumeReclaimPolicy', rule)];
}

function validateAffinity({ nodeAffinity, local }: Spec): StatusCause[] {
  const field = 'spec.nodeAffinity';
  if (!nodeAffinity) return local ? [required(field, 'Local volume requires node affinity')] : [];
  const { required: selector } = nodeAffinity;
  if (!selector) return [required(`${field}.required`, 'must specify required node constraints')];
  return validateNodeSelector(selector.nodeSelectorTerms, `${field}.required`);
}

function validate({ spec, metadata }: PersistentVolume): StatusCause[] {
  if (!spec) return [required('spec')];
  return [
    ...validateAccessModes(spec.accessModes ?? [], 'spec.accessModes'),
    ...validateCapacity(spec),
    ...optionalOneOf('spec.persistentVolumeReclaimPolicy', spec.persistentVolumeReclaimPolicy, [
      'Delete',
      'Recycle',
      'Retain',
    ]),
    ...validateAffinity(spec),
    ...validateVolumeSource(spec, metadata.name),
    ...validateRecycling(spec),
    ...(spec.storageClassName ? invalidBy(dns1123Subdomain, 'spec.storageClassName', spec.storageClassName) : []),
    ...optionalOneOf('spec.volumeMode', spec.volumeMode, ['Block', 'Filesystem']),
  ];
}

/** Upstream: ValidatePersistentVolumeUpdate, which has the rules of the whole again. */
function validateUpdate(volume: PersistentVolume, old: PersistentVolume): StatusCause[] {
  const { spec } = volume;
  const attributes = 'spec.volumeAttributesClassName';
  const unset = old.spec?.volumeAttributesClassName !== undefined && spec?.volumeAttributesClassName === undefined;
  const source = (one: Spec | undefined): unknown => volumeSources.map((name) => one?.[name]);
  const moved = !isDeepStrictEqual(source(spec), source(old.spec));
  const rule = 'spec.persistentvolumesource is immutable after creation';
  return [
    ...validate(volume),
    ...(moved ? [forbiddenField('spec.persistentvolumesource', rule)] : []),
    ...validateImmutable(spec?.volumeMode, old.spec?.volumeMode, 'volumeMode'),
    ...(old.spec?.nodeAffinity ? validateImmutable(spec?.nodeAffinity, old.spec.nodeAffinity, 'nodeAffinity') : []),
    ...(unset ? [forbiddenField(attributes, 'update from non-nil value to nil is forbidden')] : []),
  ];
}

const deprecatedAnnotations = {
  ...classAnnotation,
  'volume.beta.kubernetes.io/mount-options': 'deprecated since v1.31; use "mountOptions" attribute instead',
};

/** Upstream: GetWarningsForPersistentVolume. */
function warningsFor({ metadata, spec = {} }: PersistentVolume): string[] {
  const warnings = annotationWarnings(metadata.annotations, deprecatedAnnotations);
  if (spec.persistentVolumeReclaimPolicy === 'Recycle') {
    const instead = 'Instead, the recommended approach is to use dynamic provisioning.';
    warnings.push(`spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. ${instead}`);
  }
  for (const [at, { matchExpressions }] of (spec.nodeAffinity?.required?.nodeSelectorTerms ?? []).entries()) {
    for (const [index, { key }] of (matchExpressions ?? []).entries()) {
      const why = deprecatedNodeLabels[key];
      const field = `spec.nodeAffinity.required.nodeSelectorTerms[${at}].matchExpressions[${index}].key`;
      if (why) warnings.push(`${field}: ${key} is ${why}`);
    }
  }
  for (const source of volumeSources) {
    const why = spec[source] === undefined ? undefined : noSource[source];
    if (why) warnings.push(`spec.${source}: ${why}`);
  }
  return warnings;
}
const noSource: Readonly<Record<string, string>> = deprecatedVolumes;

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
  warnings: (volume, _old, { subresource }) => (subresource === 'status' ? [] : warningsFor(volume)),
  validate: (volume, { subresource }) => (subresource === 'status' ? [] : validate(volume)),
  validateUpdate: (volume, old, { subresource }) => (subresource === 'status' ? [] : validateUpdate(volume, old)),
});
