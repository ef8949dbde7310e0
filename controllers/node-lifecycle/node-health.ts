import type { Node } from '@skiff/api/types';
import { wireTime } from '../wire-time.ts';

export type NodeCondition = NonNullable<NonNullable<Node['status']>['conditions']>[number];
export type Taint = NonNullable<NonNullable<Node['spec']>['taints']>[number];

const notReady = 'node.kubernetes.io/not-ready';
const unreachable = 'node.kubernetes.io/unreachable';
const ours = new Set([notReady, unreachable]);

/** Whether the node, or this controller after the grace period, ever said whether it is ready. */
export function hasReported(node: Node): boolean {
  return node.status?.conditions?.some(({ type }) => type === 'Ready') ?? false;
}

export function readyOf(node: Node): 'True' | 'False' | 'Unknown' {
  const status = node.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  return status === 'True' || status === 'False' ? status : 'Unknown';
}

/** The conditions of a node that went silent; undefined where they say so already. */
export function silentConditions(node: Node, now: number): NodeCondition[] | undefined {
  const types = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];
  const conditions = node.status?.conditions ?? [];
  const silent = types.flatMap((type): NodeCondition[] => {
    const before = conditions.find((condition) => condition.type === type);
    if (before?.status === 'Unknown') return [];
    const never = before === undefined;
    return [
      {
        ...before,
        type,
        status: 'Unknown',
        reason: never ? 'NodeStatusNeverUpdated' : 'NodeStatusUnknown',
        message: never ? 'Kubelet never posted node status.' : 'Kubelet stopped posting node status.',
        lastTransitionTime: wireTime(now),
      },
    ];
  });
  return silent.length > 0 ? silent : undefined;
}

/** The taints that a node's readiness asks for, others kept; undefined where it has them. */
export function wantedTaints(node: Node, now: number): Taint[] | undefined {
  const ready = readyOf(node);
  const taints = node.spec?.taints ?? [];
  const key = ready === 'True' ? undefined : ready === 'False' ? notReady : unreachable;
  const wanted = key === undefined ? [] : ['NoSchedule', 'NoExecute'].map((effect) => ({ key, effect }));
  const had = taints.filter((taint) => ours.has(taint.key));
  const same = had.length === wanted.length && wanted.every(({ key, effect }) => find(had, key, effect));
  if (same) return undefined;
  const others = taints.filter((taint) => !ours.has(taint.key));
  return [
    ...others,
    ...wanted.map(({ key, effect }) => find(had, key, effect) ?? { key, effect, timeAdded: wireTime(now) }),
  ];
}

function find(taints: readonly Taint[], key: string, effect: string): Taint | undefined {
  return taints.find((taint) => taint.key === key && taint.effect === effect);
}
