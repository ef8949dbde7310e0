import type { Kind } from '@skiff/api/kinds';
import type { KubeObject } from '@skiff/api/meta';
import type { StatusCause } from '@skiff/api/status';

/** What an update cannot change of an object's metadata stays as it was. Mutates `object` only. */
export function checkUpdatedMetadata(object: KubeObject, old: KubeObject): void {
  const { metadata } = object;
  const kept = old.metadata;
  for (const field of ['uid', 'creationTimestamp', 'deletionTimestamp', 'generation'] as const) {
    if (kept[field] === undefined) delete metadata[field];
    else Object.assign(metadata, { [field]: kept[field] });
  }
  if (kept.deletionGracePeriodSeconds === undefined) delete metadata.deletionGracePeriodSeconds;
  else metadata.deletionGracePeriodSeconds ??= kept.deletionGracePeriodSeconds;
  delete metadata.selfLink;
  delete metadata.managedFields;
}

/** The rules of metadata that are the same for all kinds; a kind's own rules of names are its strategy's. */
export function validateMetadata(kind: Kind, object: KubeObject, old?: KubeObject): StatusCause[] {
  const { metadata } = object;
  const causes: StatusCause[] = [];
  if (!metadata.name) {
    const message = 'Required value: name or generateName is required';
    causes.push({ reason: 'FieldValueRequired', field: 'metadata.name', message });
  }
  if (kind.namespaced && !metadata.namespace) {
    causes.push({ reason: 'FieldValueRequired', field: 'metadata.namespace', message: 'Required value' });
  }
  if (old?.metadata.deletionTimestamp) {
    const before = new Set(old.metadata.finalizers ?? []);
    const added = (metadata.finalizers ?? []).filter((name) => !before.has(name));
    if (added.length) {
      const found = added.map((name) => `"${name}"`).join(', ');
      const message = `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${found}}`;
      const cause = { reason: 'FieldValueForbidden', field: 'metadata.finalizers', message };
      // Twice, as upstream: once for all kinds and once by each kind's own validation.
      causes.push(cause, cause);
    }
  }
  return causes;
}
