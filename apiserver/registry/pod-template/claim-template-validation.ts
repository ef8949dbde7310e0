import type { V1PersistentVolumeClaimSpec, V1PersistentVolumeClaimTemplate } from '@kubernetes/client-node';
import { forbiddenField, invalidBy, invalidValue, notSupported, optionalOneOf, required } from '@skiff/api/causes';
import type { Wire } from '@skiff/api/meta';
import { dns1123Subdomain } from '@skiff/api/names';
import { Quantity } from '@skiff/api/quantity';
import { validateLabelSelector, validateLabels } from '@skiff/api/selectors/label-selector-rules';
import type { StatusCause } from '@skiff/api/status';
import { fractionWarnings } from '../deprecated.ts';
import { validateAnnotations } from '../metadata.ts';

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

/** How many may use a volume at once. */
export function validateAccessModes(modes: readonly string[], field: string): StatusCause[] {
  if (modes.length === 0) return [required(field, 'at least 1 access mode is required')];
  const causes = modes
    .filter((mode) => !accessModes.includes(mode))
    .map((mode) => notSupported(field, mode, accessModes));
  if (modes.includes('ReadWriteOncePod') && modes.length > 1) {
    causes.push(forbiddenField(field, 'may not use ReadWriteOncePod with other access modes'));
  }
  return causes;
}

/** The spec of a claim of storage (upstream: ValidatePersistentVolumeClaimSpec). */
export function validateClaimSpec(spec: Wire<V1PersistentVolumeClaimSpec>, field: string): StatusCause[] {
  const { accessModes: modes = [], selector, storageClassName, volumeMode } = spec;
  const causes = validateAccessModes(modes, `${field}.accessModes`);
  causes.push(...validateLabelSelector(selector, `${field}.selector`));
  const storage = spec.resources?.requests?.['storage'];
  const at = `${field}.resources[storage]`;
  if (storage === undefined) causes.push(required(at));
  else if (Quantity.parse(storage).compare(Quantity.zero) <= 0) {
    causes.push(invalidValue(at, storage, 'must be greater than zero'));
  }
  if (storageClassName) causes.push(...invalidBy(dns1123Subdomain, `${field}.storageClassName`, storageClassName));
  causes.push(...optionalOneOf(`${field}.volumeMode`, volumeMode, ['Block', 'Filesystem']));
  const { dataSource, dataSourceRef } = spec;
  for (const [name, source] of Object.entries({ dataSource, dataSourceRef })) {
    if (!source) continue;
    if (!source.name) causes.push(required(`${field}.${name}.name`));
    if (!source.kind) causes.push(required(`${field}.${name}.kind`));
    if (!source.apiGroup && source.kind !== 'PersistentVolumeClaim') {
      causes.push(invalidValue(`${field}.${name}`, source.kind, ''));
    }
  }
  const differ = (['apiGroup', 'kind', 'name'] as const).some((part) => dataSource?.[part] !== dataSourceRef?.[part]);
  if (dataSource && dataSourceRef && differ) {
    // Upstream names the spec as the field, and the field as its value.
    causes.push(invalidValue(field, `${field}.dataSource`, 'must match dataSourceRef'));
  }
  return causes;
}

/** A claim that is made for a Pod: of its metadata only labels and annotations are used. */
export function validateClaimTemplate(template: Wire<V1PersistentVolumeClaimTemplate>, field: string): StatusCause[] {
  const { annotations, labels, ...others } = template.metadata ?? {};
  return [
    ...validateAnnotations(annotations ?? {}, `${field}.metadata.annotations`),
    ...validateLabels(labels, `${field}.metadata.labels`),
    ...Object.keys(others).map((name) => forbiddenField(`${field}.metadata.${name}`, 'cannot be set')),
    ...validateClaimSpec(template.spec, `${field}.spec`),
  ];
}

/** Upstream: GetWarningsForPersistentVolumeClaimSpec. */
export const claimWarnings = ({ resources }: Wire<V1PersistentVolumeClaimSpec>, field: string): string[] => [
  ...fractionWarnings(resources?.requests?.['storage'], `${field}.resources.requests[storage]`),
  ...fractionWarnings(resources?.limits?.['storage'], `${field}.resources.limits[storage]`),
];
