import { invalidBy, invalidValue, tooLongValue } from '@skiff/api/causes';
import type { ObjectMeta } from '@skiff/api/meta';
import { asPrefix, qualifiedName } from '@skiff/api/names';
import { validateLabels } from '@skiff/api/selectors/label-selector-rules';
import type { StatusCause } from '@skiff/api/status';

/** What is wrong with a name. */
export type NameRule = (name: string) => string[];

const maxAnnotationBytes = 256 * 1024;
const standardFinalizers = ['kubernetes', 'orphan', 'foregroundDeletion'];

export function validateAnnotations(annotations: Readonly<Record<string, string>>, field: string): StatusCause[] {
  const causes: StatusCause[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations)) {
    causes.push(...invalidBy((name) => qualifiedName(name.toLowerCase()), field, key));
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (bytes > maxAnnotationBytes) causes.push(tooLongValue(field, maxAnnotationBytes));
  return causes;
}

function validateFinalizers(finalizers: readonly string[]): StatusCause[] {
  const field = 'metadata.finalizers';
  const causes: StatusCause[] = [];
  for (const [index, name] of finalizers.entries()) {
    causes.push(...invalidBy(qualifiedName, field, name));
    if (!name.includes('/') && !standardFinalizers.includes(name)) {
      const rule = 'name is neither a standard finalizer name nor is it fully qualified';
      causes.push(invalidValue(`${field}[${index}]`, name, rule));
    }
  }
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    const rule = 'finalizer orphan and foregroundDeletion cannot be both set';
    causes.push(invalidValue(field, finalizers, rule));
  }
  return causes;
}

function validateOwners(owners: NonNullable<ObjectMeta['ownerReferences']>): StatusCause[] {
  const root = 'metadata.ownerReferences';
  const causes: StatusCause[] = [];
  for (const [index, owner] of owners.entries()) {
    for (const field of ['apiVersion', 'kind', 'name', 'uid'] as const) {
      if (!owner[field]) causes.push(invalidValue(`${root}[${index}].${field}`, '', 'must not be empty'));
    }
  }
  if (owners.filter((owner) => owner.controller).length > 1) {
    const rule = 'Only one reference can have Controller set to true. Found "true" in references for several owners';
    causes.push(invalidValue(root, owners, rule));
  }
  return causes;
}

/**
 * The rules of metadata that kinds share but for the rule of their names (upstream: ValidateObjectMeta). That there is a name
 * and a namespace, the registry checks itself.
 */
export function validateObjectMeta(metadata: ObjectMeta, rule: NameRule): StatusCause[] {
  const { name, generateName, labels, annotations, finalizers, ownerReferences } = metadata;
  return [
    ...(generateName ? invalidBy(asPrefix(rule), 'metadata.generateName', generateName) : []),
    ...(name ? invalidBy(rule, 'metadata.name', name) : []),
    ...validateLabels(labels, 'metadata.labels'),
    ...validateAnnotations(annotations ?? {}, 'metadata.annotations'),
    ...validateOwners(ownerReferences ?? []),
    ...validateFinalizers(finalizers ?? []),
  ];
}
