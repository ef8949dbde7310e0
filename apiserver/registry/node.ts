import { isDeepStrictEqual } from 'node:util';
import { forbiddenField, invalidBy } from '@skiff/api/causes';
import { cidr } from '@skiff/api/ip';
import type { StatusCause } from '@skiff/api/status';
import type { Node } from '@skiff/api/types';
import { defineStrategy } from './define-strategy.ts';
import { validateTaints } from './taints.ts';

// Upstream gives this path, though taints are in the spec.
const taintsField = 'metadata.taints';

function validatePodNetworks({ spec }: Node): StatusCause[] {
  return (spec?.podCIDRs ?? []).flatMap((range, index) => invalidBy(cidr, `spec.podCIDRs[${index}]`, range));
}

/** Nodes (upstream: pkg/registry/core/node). Whoever registers a Node reports its status at once. */
export const nodeStrategy = defineStrategy<Node>({
  fields: { 'spec.unschedulable': ({ spec }) => String(spec?.unschedulable ?? false) },
  default(node) {
    const { spec, status } = node;
    if (spec?.podCIDR && !spec.podCIDRs?.length) spec.podCIDRs = [spec.podCIDR];
    if (spec?.podCIDRs?.[0] && !spec.podCIDR) spec.podCIDR = spec.podCIDRs[0];
    if (status?.capacity) status.allocatable ??= { ...status.capacity };
  },
  prepareForUpdate(node, old, { subresource }) {
    if (subresource === 'status') node.spec = structuredClone(old.spec ?? {});
    else node.status = structuredClone(old.status ?? {});
  },
  validate: (node, { subresource }) =>
    subresource === 'status' ? [] : [...validateTaints(node, taintsField), ...validatePodNetworks(node)],
  validateUpdate(node, old, { subresource }) {
    if (subresource === 'status') return [];
    // Upstream checks the taints once more on updates.
    const causes = validateTaints(node, taintsField);
    const before = old.spec?.podCIDRs ?? [];
    if (before.length && !isDeepStrictEqual(before, node.spec?.podCIDRs ?? [])) {
      causes.push(forbiddenField('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'));
    }
    const provider = old.spec?.providerID;
    if (provider && provider !== node.spec?.providerID) {
      causes.push(forbiddenField('spec.providerID', 'node updates may not change providerID except from "" to valid'));
    }
    return causes;
  },
});
