import type { PodSpec } from './types.ts';

const counted = ['cpu', 'memory'] as const;

/** The quality-of-service class (Kubernetes: "Pod Quality of Service Classes"). */
export function qosClass(spec: PodSpec): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers = [...spec.containers, ...(spec.initContainers ?? [])].map(({ resources }) => resources ?? {});
  const isSet = (quantity: string | undefined): boolean => quantity !== undefined && !/^0+[a-zA-Z]*$/.test(quantity);
  const any = containers.some(({ limits, requests }) =>
    counted.some((name) => isSet(limits?.[name]) || isSet(requests?.[name])),
  );
  if (!any) return 'BestEffort';
  const all = containers.every(({ limits, requests }) =>
    counted.every((name) => isSet(limits?.[name]) && (requests?.[name] ?? limits?.[name]) === limits?.[name]),
  );
  return all ? 'Guaranteed' : 'Burstable';
}
