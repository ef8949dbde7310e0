import type { Node, Pod } from '@skiff/api/types';

type Taint = NonNullable<NonNullable<Node['spec']>['taints']>[number];
type Toleration = NonNullable<NonNullable<Pod['spec']>['tolerations']>[number];

/** The first of the taints that no toleration of the Pod covers. */
export function untolerated(pod: Pod, taints: readonly Taint[]): Taint | undefined {
  return taints.find((taint) => tolerationsOf(pod, taint).length === 0);
}

/** The Pod's tolerations that cover a taint. */
export function tolerationsOf(pod: Pod, taint: Taint): Toleration[] {
  return (pod.spec?.tolerations ?? []).filter((toleration) => tolerates(toleration, taint));
}

function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  if (toleration.operator === 'Exists') return true;
  return Boolean(toleration.key) && (toleration.value ?? '') === (taint.value ?? '');
}
