import type { Deployment } from '@skiff/api/types';

/** How far a rolling update may leave the wanted number of Pods, upwards and downwards. */
export interface Limits {
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

/** Percentages count of the wanted replicas; surge is rounded up, unavailability down, and one of them is at least 1. */
export function limitsOf(deployment: Deployment): Limits {
  if (!isRolling(deployment)) return { maxSurge: 0, maxUnavailable: 0 };
  const rolling = deployment.spec?.strategy?.rollingUpdate;
  const replicas = replicasOf(deployment);
  const maxSurge = amount(rolling?.maxSurge ?? '25%', replicas, Math.ceil);
  const maxUnavailable = amount(rolling?.maxUnavailable ?? '25%', replicas, Math.floor);
  if (maxSurge === 0 && maxUnavailable === 0) return { maxSurge, maxUnavailable: Math.min(1, replicas) };
  return { maxSurge, maxUnavailable: Math.min(maxUnavailable, replicas) };
}

export const isRolling = (deployment: Deployment): boolean => deployment.spec?.strategy?.type !== 'Recreate';

export const replicasOf = (object: { spec?: { replicas?: number } }): number => object.spec?.replicas ?? 1;

function amount(value: number | string, total: number, round: (value: number) => number): number {
  if (typeof value === 'number') return value;
  return round((Number.parseInt(value, 10) * total) / 100);
}
