import type { Kind } from '@skiff/api/kinds';
import { fieldSet } from './field-manager.ts';
import { type FieldSet, nothing } from './field-set.ts';

/** Beside what all kinds with a status have in common (upstream: GetResetFields of pkg/registry/<group>/<kind>/strategy.go). */
const particular: Readonly<Record<string, FieldSet>> = {
  'Pod status': fieldSet('spec', 'metadata.deletionTimestamp', 'metadata.ownerReferences'),
  'Deployment status': fieldSet('spec', 'metadata.labels'),
  'CustomResourceDefinition status': fieldSet('spec', 'metadata'),
  'Namespace finalize': fieldSet('status'),
};
const status = fieldSet('status');
const spec = fieldSet('spec');
const specAndMetadata = fieldSet('spec', 'metadata');

/**
 * The fields that a write of an object (the empty subresource) or of a part of it can't change: a write of the object leaves its
 * status alone, one of the status its spec.
 */
export function resetFields(kind: Kind, { custom }: { custom: boolean }): (subresource: string) => FieldSet {
  const hasStatus = kind.subresources.some(({ name }) => name === 'status');
  return (subresource) => {
    const found = custom ? undefined : particular[`${kind.kind} ${subresource}`];
    if (found) return found;
    if (subresource === 'status') return custom ? specAndMetadata : spec;
    return hasStatus ? status : nothing;
  };
}
