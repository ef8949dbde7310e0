import { Quantity } from '@skiff/api/quantity';
import type { Container } from './types.ts';

/** What a container may use that has no limit: all that the node has to give. */
export type Allocatable = Readonly<Record<string, string>>;

/** What a `resourceFieldRef` means (API reference, "ResourceFieldSelector"): a whole number of `divisor`s, rounded up. */
export function resourceValue(
  container: Container | undefined,
  ref: { readonly resource: string; readonly divisor?: string },
  allocatable: Allocatable,
): string {
  const [kind, ...rest] = ref.resource.split('.');
  const name = rest.join('.');
  if ((kind !== 'limits' && kind !== 'requests') || name === '')
    throw new Error(`unsupported container resource: ${ref.resource}`);
  const limit = container?.resources?.limits?.[name] ?? allocatable[name];
  const quantity =
    kind === 'limits' ? limit : (container?.resources?.requests?.[name] ?? container?.resources?.limits?.[name]);
  const divisor = Quantity.parse(ref.divisor && ref.divisor !== '0' ? ref.divisor : '1').toMilli() || 1000n;
  const amount = Quantity.parse(quantity ?? '0').toMilli();
  return String((amount + divisor - 1n) / divisor);
}
