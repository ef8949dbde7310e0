import { isDeepStrictEqual } from 'node:util';
import type { V1NodeSelectorTerm } from '@kubernetes/client-node';
import { invalidValue } from '@skiff/api/causes';
import type { Wire } from '@skiff/api/meta';
import type { StatusCause } from '@skiff/api/status';
import type { PodSpec } from '../pod-template/defaults.ts';

type Term = Wire<V1NodeSelectorTerm>;
const must = 'requiredDuringSchedulingIgnoredDuringExecution';

/** Whether every requirement of a term is still there, with others only behind them. */
function onlyAdds(now: Term | undefined, before: Term): boolean {
  const lists = ['matchExpressions', 'matchFields'] as const;
  if (lists.every((list) => !before[list]?.length)) return lists.every((list) => !now?.[list]?.length);
  return lists.every((list) => {
    const kept = before[list] ?? [];
    return isDeepStrictEqual(now?.[list]?.slice(0, kept.length) ?? [], kept);
  });
}

function validateNodeAffinity(now: PodSpec, before: PodSpec): StatusCause[] {
  const old = before.affinity?.nodeAffinity?.[must]?.nodeSelectorTerms ?? [];
  const terms = now.affinity?.nodeAffinity?.[must]?.nodeSelectorTerms ?? [];
  const field = `spec.affinity.nodeAffinity.${must}.nodeSelectorTerms`;
  if (old.length === 0) return [];
  if (old.length !== terms.length) {
    const rule = 'no additions/deletions to non-empty NodeSelectorTerms list are allowed';
    return [invalidValue(field, terms, rule)];
  }
  return old.flatMap((term, index) => {
    if (onlyAdds(terms[index], term)) return [];
    const rule = 'only additions are allowed (no mutations or deletions)';
    return [invalidValue(`${field}[${index}]`, terms[index], rule)];
  });
}

/**
 * Where a Pod may run can be narrowed until its scheduling begins: checks that, and takes it out of `spec`, so that what is left
 * can be compared with `before`. Mutates `spec`.
 */
export function mutableWhileGated(spec: PodSpec, before: PodSpec): StatusCause[] {
  const causes: StatusCause[] = [];
  const selector = spec.nodeSelector ?? {};
  const kept = Object.entries(before.nodeSelector ?? {}).every(([key, value]) => selector[key] === value);
  if (!kept) {
    const rule = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)';
    causes.push(invalidValue('spec.nodeSelector', selector, rule));
  }
  if (before.nodeSelector) spec.nodeSelector = before.nodeSelector;
  else delete spec.nodeSelector;

  const old = before.affinity?.nodeAffinity;
  if (isDeepStrictEqual(spec.affinity?.nodeAffinity, old)) return causes;
  causes.push(...validateNodeAffinity(spec, before));
  const { nodeAffinity: _changed, ...others } = spec.affinity ?? {};
  if (old) spec.affinity = { ...others, nodeAffinity: old };
  else if (!before.affinity && Object.keys(others).length === 0) delete spec.affinity;
  else spec.affinity = others;
  return causes;
}
