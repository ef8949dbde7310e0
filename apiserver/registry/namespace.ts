import { kindNamed } from '@skiff/api/kinds';
import { dns1123Label } from '@skiff/api/names';
import { forbidden } from '@skiff/api/status';
import type { Namespace } from '@skiff/api/types';
import { keepSpec, keepStatus } from './spec-and-status.ts';
import type { Strategy } from './strategy.ts';

/** Without these a cluster does not work. */
const permanent = new Set(['default', 'kube-system', 'kube-public']);

/** Selectors of namespaces need a label of the name. Mutates. */
function labelName({ metadata }: Namespace): void {
  if (metadata.name) metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name };
}

/** Upstream: pkg/registry/core/namespace/strategy.go, and the NamespaceLifecycle admission plugin. */
export const namespace: Strategy<Namespace> = {
  nameRule: dns1123Label,
  deleteReturnsObject: true,
  default: labelName,
  prepareForCreate(object) {
    labelName(object); // its name may have been generated
    object.status = { phase: 'Active' };
    const finalizers = object.spec?.finalizers ?? [];
    object.spec = { finalizers: finalizers.includes('kubernetes') ? finalizers : [...finalizers, 'kubernetes'] };
  },
  prepareForUpdate(object, old, { subresource }) {
    if (subresource !== 'finalize') keepSpec(object, old);
    if (subresource !== 'status') keepStatus(object, old);
  },
  prepareForDelete(object) {
    const { name } = object.metadata;
    if (permanent.has(name)) throw forbidden(kindNamed('Namespace'), name, 'this namespace may not be deleted');
    object.status = { ...object.status, phase: 'Terminating' };
  },
  hasOwnFinalizers: ({ spec }) => (spec?.finalizers?.length ?? 0) > 0,
  fields: { 'status.phase': ({ status }) => status?.phase ?? '' },
};
