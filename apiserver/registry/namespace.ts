import { invalidBy, invalidValue } from '@skiff/api/causes';
import { qualifiedName } from '@skiff/api/names';
import type { StatusCause } from '@skiff/api/status';
import type { Namespace } from '@skiff/api/types';
import { defineStrategy } from './define-strategy.ts';
import { unknownFinalizer } from './metadata.ts';

const finalizer = 'kubernetes';
/** Upstream: the NamespaceLifecycle admission plugin. */
const immortal = ['default', 'kube-public', 'kube-system'];
const nameLabel = 'kubernetes.io/metadata.name';

function finalizerFaults(name: string, field: string): StatusCause[] {
  return [...invalidBy(qualifiedName, field, name), ...unknownFinalizer(name, field)];
}

/** Namespaces, which hold themselves until the namespace controller has emptied them (upstream: pkg/registry/core/namespace). */
export const namespaceStrategy = defineStrategy<Namespace>({
  deleteReturnsObject: true,
  fields: { 'status.phase': ({ status }) => status?.phase ?? '' },
  default(namespace, old) {
    // As upstream, where defaults come before a generated name does.
    if (!old && namespace.metadata.generateName) return;
    namespace.metadata.labels = { ...namespace.metadata.labels, [nameLabel]: namespace.metadata.name };
  },
  prepareForCreate(namespace) {
    const finalizers = namespace.spec?.finalizers ?? [];
    namespace.spec = { ...namespace.spec, finalizers: [...new Set([...finalizers, finalizer])] };
    namespace.status = { phase: 'Active' };
  },
  prepareForUpdate(namespace, old, { subresource }) {
    if (subresource !== 'status') namespace.status = structuredClone(old.status ?? {});
    if (subresource !== 'finalize') namespace.spec = structuredClone(old.spec ?? {});
  },
  // Upstream gives indexes only on updates.
  validateCreate: ({ spec }) => (spec?.finalizers ?? []).flatMap((name) => finalizerFaults(name, 'spec.finalizers')),
  validateUpdate({ metadata, spec, status }, _old, { subresource }) {
    if (subresource === 'finalize') {
      return (spec?.finalizers ?? []).flatMap((name, index) => finalizerFaults(name, `spec.finalizers[${index}]`));
    }
    if (subresource !== 'status') return [];
    const expected = metadata.deletionTimestamp ? 'Terminating' : 'Active';
    if (status?.phase === expected) return [];
    const empty = metadata.deletionTimestamp ? 'not empty' : 'empty';
    const rule = `may only be '${expected}' if \`deletionTimestamp\` is ${empty}`;
    return [invalidValue('status.Phase', status?.phase ?? '', rule)];
  },
  refuseDelete: ({ metadata }) => (immortal.includes(metadata.name) ? 'this namespace may not be deleted' : undefined),
  prepareForDelete(namespace) {
    namespace.status = { ...namespace.status, phase: 'Terminating' };
  },
  deletesInItsOwnWay: true,
  hasOwnFinalizers: ({ spec }) => (spec?.finalizers?.length ?? 0) > 0,
});
