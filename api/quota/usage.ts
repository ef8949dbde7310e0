import type { KubeObject } from '../meta.ts';
import { Quantity } from '../quantity.ts';
import type { PersistentVolumeClaim, Pod, Service } from '../types.ts';
import { type Amounts, one } from './amounts.ts';
import { podAmounts } from './pod-amounts.ts';

/** A kind as quotas name it. */
interface Counted {
  readonly group: string;
  readonly plural: string;
}

/** Kinds that have a name of their own in quotas, beside `count/PLURAL`. */
const named = new Set([
  'configmaps',
  'persistentvolumeclaims',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
]);

export const countName = ({ group, plural }: Counted): string => `count/${plural}${group && `.${group}`}`;

/** What an object takes of the quotas of its namespace (upstream: pkg/quota/v1/evaluator/core). */
export function usageOf(kind: Counted, object: KubeObject): Amounts {
  const usage = new Map([[countName(kind), one]]);
  if (kind.group !== '') return usage;
  if (named.has(kind.plural)) usage.set(kind.plural, one);
  // The kind says what the object is.
  const own =
    kind.plural === 'pods'
      ? podUsage(object as unknown as Pod)
      : kind.plural === 'services'
        ? serviceUsage(object as unknown as Service)
        : kind.plural === 'persistentvolumeclaims'
          ? claimUsage(object as unknown as PersistentVolumeClaim)
          : [];
  for (const [name, amount] of own) usage.set(name, amount);
  return usage;
}

/** What containers ask for, under the names that quotas have for it. */
export function computeUsage(requests: Amounts, limits: Amounts): Map<string, Quantity> {
  const usage = new Map<string, Quantity>();
  for (const [name, amount] of requests) {
    if (name.includes('/')) usage.set(`requests.${name}`, amount);
    else usage.set(name, amount).set(`requests.${name}`, amount);
  }
  for (const [name, amount] of limits) if (!name.includes('/')) usage.set(`limits.${name}`, amount);
  return usage;
}

function podUsage(pod: Pod): Map<string, Quantity> {
  // What has ended takes nothing any more.
  if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return new Map();
  return computeUsage(podAmounts(pod, 'requests'), podAmounts(pod, 'limits')).set('pods', one);
}

function serviceUsage({ spec }: Service): [string, Quantity][] {
  const ports = spec?.ports ?? [];
  const balanced = spec?.type === 'LoadBalancer';
  const allocated =
    balanced && spec.allocateLoadBalancerNodePorts === false ? ports.filter((port) => port.nodePort) : ports;
  const count = balanced || spec?.type === 'NodePort' ? allocated.length : 0;
  return [
    ['services.nodeports', Quantity.parse(count)],
    ['services.loadbalancers', balanced ? one : Quantity.zero],
  ];
}

function claimUsage({ spec }: PersistentVolumeClaim): [string, Quantity][] {
  const storage = Quantity.tryParse(spec?.resources?.requests?.['storage'] ?? '') ?? Quantity.zero;
  const storageClass = spec?.storageClassName;
  const ofClass = `${storageClass}.storageclass.storage.k8s.io/`;
  return [
    ['requests.storage', storage],
    ...(storageClass
      ? ([
          [`${ofClass}requests.storage`, storage],
          [`${ofClass}persistentvolumeclaims`, one],
        ] satisfies [string, Quantity][])
      : []),
  ];
}
