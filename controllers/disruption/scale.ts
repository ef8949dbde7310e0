import type { StoredMeta } from '@skiff/api/meta';
import type { Pod } from '@skiff/api/types';
import { controllerOf, type OwnerReference } from '../ownership.ts';

/** An object of a kind that has replicas, as a StatefulSet. */
export interface Scaled {
  readonly metadata: StoredMeta;
  readonly spec?: { readonly replicas?: number };
}

/** Looks up what a reference of an object in this namespace points to. */
export type Lookup = (reference: OwnerReference, namespace: string | undefined) => Scaled | undefined;

/** How many Pods there should be, or why nobody can say. */
export type Expected = { readonly count: number } | { readonly why: string };

/** The replicas of all that control some of these Pods: of the Deployment rather than of its ReplicaSets. */
export function expectedScale(pods: readonly Pod[], lookup: Lookup): Expected {
  const scales = new Map<string, number>();
  for (const pod of pods) {
    const { namespace, name } = pod.metadata;
    const reference = controllerOf(pod);
    // Pods that people made count for nothing.
    if (!reference) continue;
    const owner = lookup(reference, namespace);
    if (!owner) return { why: `found no controllers for pod "${name}"` };
    const parent = controllerOf(owner);
    const scaled = (parent && lookup(parent, namespace)) ?? owner;
    scales.set(scaled.metadata.uid ?? '', scaled.spec?.replicas ?? 1);
  }
  return { count: [...scales.values()].reduce((sum, replicas) => sum + replicas, 0) };
}
