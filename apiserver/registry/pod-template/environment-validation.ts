import type { V1EnvFromSource, V1EnvVar, V1EnvVarSource } from '@kubernetes/client-node';
import { invalidBy, invalidValue, required } from '@skiff/api/causes';
import type { Wire } from '@skiff/api/meta';
import { asPrefix, configMapKey, dns1123Label, dns1123Subdomain, environmentName } from '@skiff/api/names';
import type { StatusCause } from '@skiff/api/status';
import { validateFieldReference, validateResourceReference } from './field-reference-validation.ts';
import { noBacksteps } from './path-validation.ts';

/** Fields of a Pod that a variable can have the value of. */
const fields = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

function validateKeyReference({ name = '', key }: { name?: string; key: string }, field: string): StatusCause[] {
  const causes = invalidBy(dns1123Subdomain, `${field}.name`, name);
  return [...causes, ...(key ? invalidBy(configMapKey, `${field}.key`, key) : [required(`${field}.key`)])];
}

function validateFileKey({ key, path, volumeName }: NonNullable<Source['fileKeyRef']>, field: string): StatusCause[] {
  return [
    ...(key ? invalidBy(environmentName, `${field}.key`, key) : [required(`${field}.key`)]),
    ...(volumeName ? invalidBy(dns1123Label, `${field}.volumeName`, volumeName) : [required(`${field}.volumeName`)]),
    ...(path ? noBacksteps(`${field}.path`, path) : [required(`${field}.path`)]),
  ];
}

type Source = Wire<V1EnvVarSource>;

function validateSource(source: Source, value: string | undefined, field: string): StatusCause[] {
  const { configMapKeyRef, fieldRef, fileKeyRef, resourceFieldRef, secretKeyRef } = source;
  const causes: StatusCause[] = [];
  if (fieldRef) causes.push(...validateFieldReference(fieldRef, `${field}.fieldRef`, fields));
  if (resourceFieldRef) {
    causes.push(...validateResourceReference(resourceFieldRef, `${field}.resourceFieldRef`, { inVolume: false }));
  }
  if (configMapKeyRef) causes.push(...validateKeyReference(configMapKeyRef, `${field}.configMapKeyRef`));
  if (secretKeyRef) causes.push(...validateKeyReference(secretKeyRef, `${field}.secretKeyRef`));
  if (fileKeyRef) causes.push(...validateFileKey(fileKeyRef, `${field}.fileKeyRef`));

  const count = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter(Boolean).length;
  if (count === 0) {
    const rule =
      'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
    causes.push(invalidValue(field, '', rule));
  } else if (value) causes.push(invalidValue(field, '', 'may not be specified when `value` is not empty'));
  else if (count > 1) causes.push(invalidValue(field, '', 'may not have more than one field specified at a time'));
  return causes;
}

/** Upstream: ValidateEnv. */
export function validateEnvironment(variables: readonly Wire<V1EnvVar>[], field: string): StatusCause[] {
  return variables.flatMap(({ name, value, valueFrom }, index) => [
    ...(name ? invalidBy(environmentName, `${field}[${index}].name`, name) : [required(`${field}[${index}].name`)]),
    ...(valueFrom ? validateSource(valueFrom, value, `${field}[${index}].valueFrom`) : []),
  ]);
}

/** Upstream: ValidateEnvFrom. */
export function validateEnvironmentSources(sources: readonly Wire<V1EnvFromSource>[], field: string): StatusCause[] {
  return sources.flatMap(({ configMapRef, prefix, secretRef }, index) => {
    const causes = prefix ? invalidBy(environmentName, `${field}[${index}].prefix`, prefix) : [];
    for (const [kind, reference] of Object.entries({ configMapRef, secretRef })) {
      if (!reference) continue;
      const path = `${field}[${index}].${kind}.name`;
      causes.push(...(reference.name ? invalidBy(asPrefix(dns1123Subdomain), path, reference.name) : [required(path)]));
    }
    // Upstream names the list here, not its entry.
    if (!configMapRef && !secretRef) {
      causes.push(invalidValue(field, '', 'must specify one of: `configMapRef` or `secretRef`'));
    } else if (configMapRef && secretRef) {
      causes.push(invalidValue(field, '', 'may not have more than one field specified at a time'));
    }
    return causes;
  });
}
