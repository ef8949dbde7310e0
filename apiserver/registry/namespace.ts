import { invalidValue } from '@skiff/api/causes';
import type { Namespace } from '@skiff/api/types';
import { defineStrategy } from './define-strategy.ts';

const finalizer = 'kubernetes';
/** Upstream: the NamespaceLifecycle admission plugin. */
const immortal = ['default', 'kube-public', 'kube-system'];
const nameLabel = 'kubernetes.io/metadata.name';

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
  validateUpdate({ metadata, status }, _old, { subresource }) {
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
  hasOwnFinalizers: ({ spec }) => (spec?.finalizers?.length ?? 0) > 0,
});
