import type { PodSpec } from '../pod-template/defaults.ts';

const tolerationSeconds = 300;
const keys = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/** Lets a Pod stay five minutes on a node that is lost (upstream: the DefaultTolerationSeconds admission plugin). Mutates. */
export function admitTolerations(spec: PodSpec): void {
  for (const key of keys) {
    const tolerated = spec.tolerations?.some(
      (toleration) =>
        (toleration.key === key || !toleration.key) && (toleration.effect === 'NoExecute' || !toleration.effect),
    );
    if (tolerated) continue;
    const added = { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds };
    spec.tolerations = [...(spec.tolerations ?? []), added];
  }
}
