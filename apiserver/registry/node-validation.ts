import { isDeepStrictEqual } from 'node:util';
import { duplicate, forbiddenField, invalidBy, invalidValue } from '@skiff/api/causes';
import { cidr, ipFamily } from '@skiff/api/ip';
import type { StatusCause } from '@skiff/api/status';
import type { Node } from '@skiff/api/types';
import { validateAmount } from './pod-template/resource-validation.ts';
import { validateTaints } from './taints.ts';

// Upstream gives this path, though taints are in the spec.
const taintsField = 'metadata.taints';

/** Upstream: ValidateNode in pkg/apis/core/validation. */
export function validateNode(node: Node): StatusCause[] {
  return [...validateTaints(node, taintsField), ...validateResources(node), ...validatePodNetworks(node)];
}

/** What an update may not make of a Node or of its status, beside the rules of {@link validateNode} (upstream: ValidateNodeUpdate). */
export function validateNodeUpdate(node: Node, old: Node): StatusCause[] {
  const causes = [...validateResources(node), ...validateAddresses(node)];
  const before = old.spec?.podCIDRs ?? [];
  if (before.length && !isDeepStrictEqual(before, node.spec?.podCIDRs ?? [])) {
    causes.push(forbiddenField('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'));
  }
  const provider = old.spec?.providerID;
  if (provider && provider !== node.spec?.providerID) {
    causes.push(forbiddenField('spec.providerID', 'node updates may not change providerID except from "" to valid'));
  }
  // Once more, as upstream.
  return [...causes, ...validateTaints(node, taintsField)];
}

function validateResources({ status }: Node): StatusCause[] {
  return (['capacity', 'allocatable'] as const).flatMap((list) =>
    Object.entries(status?.[list] ?? {}).flatMap(([name, amount]) =>
      validateAmount(name, amount, `status.${list}.${name}`),
    ),
  );
}

function validatePodNetworks({ spec }: Node): StatusCause[] {
  const field = 'spec.podCIDRs';
  const ranges = spec?.podCIDRs ?? [];
  const causes = ranges.flatMap((range, index) => invalidBy(cidr, `${field}[${index}]`, range));
  const families = new Set(ranges.map((range) => ipFamily(range.split('/')[0] ?? '')));
  if (ranges.length > families.size) {
    causes.push(invalidValue(field, ranges, 'may specify no more than one CIDR for each IP family'));
  }
  return [...causes, ...duplicates(field, ranges)];
}

const validateAddresses = ({ status }: Node): StatusCause[] => duplicates('status.addresses', status?.addresses ?? []);

function duplicates(field: string, values: readonly unknown[]): StatusCause[] {
  return values.flatMap((value, index) => {
    const first = values.findIndex((other) => isDeepStrictEqual(other, value));
    return first < index ? [duplicate(`${field}[${index}]`, value)] : [];
  });
}
