import type { V1LabelSelector } from '@kubernetes/client-node';
import type { Wire } from '@skiff/api/meta';

export type LabelSelector = Wire<V1LabelSelector>;
type Labels = Record<string, string> | undefined;

/** Whether labels fulfil a selector as workloads carry it. An empty selector selects everything, an absent one nothing. */
export function selects(selector: LabelSelector | undefined, labels: Labels): boolean {
  if (!selector) return false;
  return (
    Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels?.[key] === value) &&
    (selector.matchExpressions ?? []).every((requirement) => fulfils(requirement, labels?.[requirement.key]))
  );
}

/** Whether labels fulfil a Service's selector. An absent or empty one selects nothing. */
export function selectsEndpoints(selector: Record<string, string> | undefined, labels: Labels): boolean {
  const wanted = Object.entries(selector ?? {});
  return wanted.length > 0 && wanted.every(([key, value]) => labels?.[key] === value);
}

function fulfils(
  { operator, values = [] }: { operator: string; values?: readonly string[] },
  value: string | undefined,
): boolean {
  if (operator === 'In') return value !== undefined && values.includes(value);
  if (operator === 'NotIn') return value === undefined || !values.includes(value);
  if (operator === 'Exists') return value !== undefined;
  return operator === 'DoesNotExist' && value === undefined;
}
