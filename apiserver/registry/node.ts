import type { Node } from '@skiff/api/types';
import { defineStrategy } from './define-strategy.ts';
import { validateNode, validateNodeUpdate } from './node-validation.ts';

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
  // A status is held only against the rules of updates.
  validate: (node, { subresource }) => (subresource === 'status' ? [] : validateNode(node)),
  warnings: ({ spec }, _old, { subresource }) => [
    ...(subresource === '' && spec?.configSource ? ['spec.configSource: the feature is removed'] : []),
    ...(subresource === '' && spec?.externalID
      ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes']
      : []),
  ],
  validateUpdate: validateNodeUpdate,
});
