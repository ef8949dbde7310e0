import type { V1LabelSelector } from '@kubernetes/client-node';
import type { Wire } from '@skiff/api/meta';
import type { Pod } from '@skiff/api/types';

interface Term {
  labelSelector?: Wire<V1LabelSelector>;
  matchLabelKeys?: string[];
  mismatchLabelKeys?: string[];
}

function merge(term: Term, labels: Readonly<Record<string, string>>): void {
  const { labelSelector: selector } = term;
  if (!selector) return;
  for (const [keys, operator] of [
    [term.matchLabelKeys, 'In'],
    [term.mismatchLabelKeys, 'NotIn'],
  ] as const) {
    for (const key of keys ?? []) {
      const value = labels[key];
      if (value === undefined) continue;
      selector.matchExpressions = [...(selector.matchExpressions ?? []), { key, operator, values: [value] }];
    }
  }
}

/**
 * Puts the values that a new Pod's own labels have into the selectors that name their keys (upstream:
 * applyMatchLabelKeysAndMismatchLabelKeys). Mutates.
 */
export function mergeLabelKeys({ metadata, spec }: Pod): void {
  const labels = metadata.labels ?? {};
  for (const kind of ['podAffinity', 'podAntiAffinity'] as const) {
    const affinity = spec?.affinity?.[kind];
    for (const term of affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) merge(term, labels);
    const preferred = affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    // That each has a term has not been checked yet.
    for (const { podAffinityTerm = {} } of preferred) merge(podAffinityTerm, labels);
  }
  for (const constraint of spec?.topologySpreadConstraints ?? []) merge(constraint, labels);
}
