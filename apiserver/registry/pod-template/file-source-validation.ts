import type { V1DownwardAPIVolumeFile, V1KeyToPath } from '@kubernetes/client-node';
import { invalidValue, required } from '@skiff/api/causes';
import type { Wire } from '@skiff/api/meta';
import type { StatusCause } from '@skiff/api/status';
import { validateFieldReference, validateResourceReference } from './field-reference-validation.ts';
import { fileMode, volumeFilePath } from './path-validation.ts';

/** Keys of ConfigMaps and Secrets that become files (upstream: validateKeyToPath). */
export function validateKeys(items: readonly Wire<V1KeyToPath>[], field: string): StatusCause[] {
  return items.flatMap(({ key, mode, path = '' }, index) => {
    const at = `${field}[${index}]`;
    return [
      ...(key ? [] : [required(`${at}.key`)]),
      ...(path ? [] : [required(`${at}.path`)]),
      ...volumeFilePath(`${at}.path`, path),
      ...fileMode(`${at}.mode`, mode),
    ];
  });
}

/** Fields of a Pod that a file can hold. */
const fields = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid'];

/** A file that tells a container about its Pod (upstream: validateDownwardAPIVolumeFile). */
export function validateDownwardFile(file: Wire<V1DownwardAPIVolumeFile>, field: string): StatusCause[] {
  const { fieldRef, mode, path = '', resourceFieldRef } = file;
  const causes = [...(path ? [] : [required(`${field}.path`)]), ...volumeFilePath(`${field}.path`, path)];
  if (fieldRef) {
    causes.push(...validateFieldReference(fieldRef, `${field}.fieldRef`, fields));
    if (resourceFieldRef) {
      const rule = 'fieldRef and resourceFieldRef can not be specified simultaneously';
      causes.push(invalidValue(field, 'resource', rule));
    }
  } else if (resourceFieldRef) {
    causes.push(...validateResourceReference(resourceFieldRef, `${field}.resourceFieldRef`, { inVolume: true }));
  } else causes.push(required(field, 'one of fieldRef and resourceFieldRef is required'));
  return [...causes, ...fileMode(`${field}.mode`, mode)];
}
