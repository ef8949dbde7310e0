import { invalidValue } from '@skiff/api/causes';
import { Quantity } from '@skiff/api/quantity';
import type { StatusCause } from '@skiff/api/status';
import { validateResourceName } from './pod-template/resource-validation.ts';

const compute = ['cpu', 'memory', 'ephemeral-storage'];
const quotaNames = new Set([
  ...compute.flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
  'requests.storage',
  'pods',
  'resourcequotas',
  'services',
  'services.nodeports',
  'services.loadbalancers',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
]);

/** The name of a resource that a quota can limit; `count/deployments.apps` counts objects of any kind. */
export function validateQuotaResource(name: string, field: string): StatusCause[] {
  const causes = validateResourceName(name, field);
  if (causes.length || name.includes('/')) return causes;
  if (quotaNames.has(name) || name.startsWith('hugepages-') || name.startsWith('requests.hugepages-')) return [];
  return [invalidValue(field, name, 'must be a standard resource for quota')];
}

/** Something is asked for: more than nothing. */
export function validatePositive(value: string, field: string): StatusCause[] {
  const amount = Quantity.tryParse(value);
  return amount && !amount.isZero && !amount.isNegative
    ? []
    : [invalidValue(field, value, 'must be greater than zero')];
}
