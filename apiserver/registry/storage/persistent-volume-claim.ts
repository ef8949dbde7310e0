import { isDeepStrictEqual } from 'node:util';
import { forbiddenField, invalidValue, notSupported } from '@skiff/api/causes';
import { kindNamed } from '@skiff/api/kinds';
import { Quantity } from '@skiff/api/quantity';
import { forbidden, type StatusCause } from '@skiff/api/status';
import type { PersistentVolumeClaim, StorageClass } from '@skiff/api/types';
import { newestDefault } from '../default-class.ts';
import { defineStrategy } from '../define-strategy.ts';
import { annotationWarnings, classAnnotation as classDeprecation } from '../deprecated.ts';
import { validateImmutable } from '../immutable.ts';
import { claimWarnings, validateClaimSpec } from '../pod-template/claim-template-validation.ts';
import { keepSpec, keepStatus } from '../spec-and-status.ts';
import type { WriteContext } from '../strategy.ts';
import { alignDataSources } from './data-source.ts';
import { protect } from './protection.ts';

type Spec = NonNullable<PersistentVolumeClaim['spec']>;

const defaultAnnotation = 'storageclass.kubernetes.io/is-default-class';
/** How the class was named before there was a field for it. */
const classAnnotation = 'volume.beta.kubernetes.io/storage-class';

const sizeOf = (spec: Spec | undefined): Quantity | undefined =>
  Quantity.tryParse(spec?.resources?.requests?.['storage'] ?? '');

/** What may still change: a claim without a volume gets one, a bound one may grow. */
function fixed(spec: Spec | undefined, old: PersistentVolumeClaim, bound: boolean): unknown {
  const { volumeName, resources, volumeAttributesClassName, storageClassName, ...rest } = spec ?? {};
  const requests = { ...resources?.requests, ...(bound && { storage: '' }) };
  const settled = old.spec?.volumeName ? { volumeName } : {};
  const classified = old.spec?.storageClassName === undefined ? {} : { storageClassName };
  return { ...rest, ...settled, ...classified, resources: { ...resources, requests } };
}

/** Whether the class that was named by an annotation is now named by the field that there is for it. */
function becameField(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): boolean {
  const named = old.metadata.annotations?.[classAnnotation];
  const kept = claim.metadata.annotations?.[classAnnotation] ?? named;
  const isNew = old.spec?.storageClassName === undefined && claim.spec?.storageClassName === named;
  return named !== undefined && isNew && kept === named;
}

/** Upstream: ValidatePersistentVolumeClaimUpdate, which has the rules of the whole again. */
function validateUpdate(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): StatusCause[] {
  const { spec } = claim;
  const bound = old.status?.phase === 'Bound';
  const causes = validateClaimSpec(spec ?? {}, 'spec');
  const annotation = claim.metadata.annotations?.[classAnnotation] ?? '';
  if (!becameField(claim, old) && annotation !== (old.metadata.annotations?.[classAnnotation] ?? '')) {
    causes.push(invalidValue(`metadata.annotations.${classAnnotation}`, annotation, 'field is immutable'));
  }
  if (!isDeepStrictEqual(fixed(spec, old, bound), fixed(old.spec, old, bound))) {
    const rule =
      'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
    causes.push(forbiddenField('spec', rule));
  }
  const [size, before] = [sizeOf(spec), sizeOf(old.spec)];
  const had = Quantity.tryParse(old.status?.capacity?.['storage'] ?? '');
  if (size && before && size.compare(before) < 0 && had && size.compare(had) <= 0) {
    causes.push(forbiddenField('spec.resources.requests.storage', 'field can not be less than status.capacity'));
  }
  causes.push(...validateImmutable(spec?.volumeMode, old.spec?.volumeMode, 'volumeMode'));
  if (old.spec?.volumeAttributesClassName !== undefined && !spec?.volumeAttributesClassName) {
    const what = spec?.volumeAttributesClassName === '' ? 'an empty string' : 'nil';
    const field = 'spec.volumeAttributesClassName';
    causes.push(forbiddenField(field, `update from non-nil value to ${what} is forbidden`));
  }
  return causes;
}

/** Upstream: ValidatePersistentVolumeClaimStatusUpdate. */
function validateStatus({ status }: PersistentVolumeClaim): StatusCause[] {
  const { capacity, allocatedResources, allocatedResourceStatuses: statuses } = status ?? {};
  const amounts = (field: string, given: Readonly<Record<string, string>> | undefined): StatusCause[] =>
    Object.entries(given ?? {})
      .filter(([, amount]) => Quantity.parse(amount).isNegative)
      .map(([name, amount]) => invalidValue(`${field}[${name}]`, amount, 'must be a valid resource quantity'));
  const wrong = Object.entries(statuses ?? {}).filter(([, one]) => !resizeStatuses.includes(one));
  const field = 'status.allocatedResourceStatus';
  return [
    ...amounts('status.capacity', capacity),
    ...wrong.map(([name]) => notSupported(field, name, resizeStatuses)),
    ...amounts('status.allocatedResources', allocatedResources),
  ];
}

const resizeStatuses = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizePending',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
];

/** Only claims of a class that allows it may grow (upstream: the PersistentVolumeClaimResize admission plugin). */
function admitResize(claim: PersistentVolumeClaim, old: PersistentVolumeClaim, context: WriteContext): void {
  const [size, before] = [sizeOf(claim.spec), sizeOf(old.spec)];
  if (!size || !before || size.compare(before) <= 0 || context.subresource !== '') return;
  const refuse = (why: string) => forbidden(kindNamed('PersistentVolumeClaim'), claim.metadata.name, why);
  if (old.status?.phase !== 'Bound') throw refuse('Only bound persistent volume claims can be expanded');
  const name = claim.spec?.storageClassName;
  const found = name ? context.read('StorageClass', undefined, name) : undefined;
  const { allowVolumeExpansion } = (found ?? {}) as Partial<StorageClass>; // the kind that was asked for
  if (allowVolumeExpansion) return;
  throw refuse(
    'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
  );
}

function admitDefaultClass({ metadata, spec }: PersistentVolumeClaim, context: WriteContext): void {
  if (!spec || spec.storageClassName !== undefined || metadata.annotations?.[classAnnotation] !== undefined) return;
  // What was listed are StorageClasses.
  const classes = context.list('StorageClass') as readonly unknown[] as readonly StorageClass[];
  const chosen = newestDefault(classes, defaultAnnotation);
  if (chosen) spec.storageClassName = chosen.metadata.name;
}

/** Upstream: pkg/registry/core/persistentvolumeclaim, and the admission plugins that touch claims. */
export const persistentVolumeClaimStrategy = defineStrategy<PersistentVolumeClaim>({
  deleteReturnsObject: true,
  admit(claim, old, context) {
    if (old) return;
    protect(claim, 'kubernetes.io/pvc-protection');
    admitDefaultClass(claim, context);
  },
  bound(claim, old, context) {
    if (old) admitResize(claim, old, context);
    return undefined;
  },
  default(claim) {
    claim.spec ??= {};
    claim.spec.volumeMode ??= 'Filesystem';
    claim.status = { ...claim.status, phase: claim.status?.phase || 'Pending' };
  },
  prepareForCreate(claim) {
    claim.status = { phase: 'Pending' };
    if (claim.spec) alignDataSources(claim.spec);
  },
  prepareForUpdate(claim, old, { subresource }) {
    if (subresource === 'status') return keepSpec(claim, old);
    keepStatus(claim, old);
    if (claim.spec) alignDataSources(claim.spec, old.spec);
  },
  warnings: ({ metadata, spec }, _old, { subresource }) =>
    subresource === 'status'
      ? []
      : [...annotationWarnings(metadata.annotations, classDeprecation), ...claimWarnings(spec ?? {}, 'spec')],
  validate: (claim, { subresource }) =>
    subresource === 'status' ? validateStatus(claim) : validateClaimSpec(claim.spec ?? {}, 'spec'),
  validateUpdate: (claim, old, { subresource }) => (subresource === 'status' ? [] : validateUpdate(claim, old)),
});
