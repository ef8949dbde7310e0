import type { V1ResourceRequirements } from '@kubernetes/client-node';
import type { Wire } from '@skiff/api/meta';
import { Quantity } from '@skiff/api/quantity';
import { containersOf, type PodSpec } from '../pod-template/defaults.ts';

type Resources = Wire<V1ResourceRequirements>;

/** Who asks for limits and not for requests gets as much. Mutates. */
export function requestLimits(spec: PodSpec): void {
  for (const { resources } of containersOf(spec)) {
    if (!resources?.limits) continue;
    resources.requests = { ...resources.limits, ...resources.requests };
  }
}

const counted = ['cpu', 'memory'];

const positive = (amounts: Record<string, string> | undefined, name: string): Quantity | undefined => {
  const amount = Quantity.tryParse(amounts?.[name] ?? '0');
  return amount && !amount.isZero ? amount : undefined;
};

function isGuaranteed({ requests, limits }: Resources): boolean {
  return counted.every((name) => {
    const limit = positive(limits, name);
    return limit !== undefined && positive(requests, name)?.compare(limit) === 0;
  });
}

/** The class that decides who is evicted first (upstream: pkg/apis/core/v1/helper/qos). */
export function qosClass(spec: PodSpec): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const all = spec.resources
    ? [spec.resources]
    : [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(({ resources }) => resources ?? {});
  const asks = ({ requests, limits }: Resources): boolean =>
    counted.some((name) => positive(requests, name) || positive(limits, name));
  if (!all.some(asks)) return 'BestEffort';
  return all.every(isGuaranteed) ? 'Guaranteed' : 'Burstable';
}
