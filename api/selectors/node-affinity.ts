import type { V1NodeSelector } from '@kubernetes/client-node';
import type { Wire } from '../meta.ts';
import type { Node } from '../types.ts';
import { LabelSelector } from './label-selector.ts';

type NodeSelector = Wire<V1NodeSelector>;
type Term = NodeSelector['nodeSelectorTerms'][number];

export function matchesNodeSelector(selector: Record<string, string> | undefined, node: Node): boolean {
  return Object.entries(selector ?? {}).every(([key, value]) => node.metadata.labels?.[key] === value);
}

/** One of the terms is enough, and each must hold as a whole; an empty one never does. */
export function matchesAffinity(selector: NodeSelector, node: Node): boolean {
  return selector.nodeSelectorTerms.some((term) => matchesTerm(term, node));
}

function matchesTerm({ matchExpressions = [], matchFields = [] }: Term, node: Node): boolean {
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  const { name, labels } = node.metadata;
  return (
    LabelSelector.from({ matchExpressions }).matches(labels) &&
    LabelSelector.from({ matchExpressions: matchFields }).matches({ 'metadata.name': name })
  );
}
