import type { KubeObject } from '@skiff/api/meta';
import type { Deployment, ReplicaSet } from '@skiff/api/types';
import { CommandError } from '../../failure.ts';
import type { Found } from '../../resources/find-objects.ts';
import { podSelectorOf } from '../../resources/pods-of.ts';
import type { Session } from '../../session.ts';

const revisionAnnotation = 'deployment.kubernetes.io/revision';

export interface Revisions {
  readonly deployment: Deployment;
  /** The ReplicaSets of a Deployment by revision, the oldest first. */
  readonly sets: ReadonlyMap<number, ReplicaSet>;
}

/** What a Deployment has been before. Throws for other kinds. */
export async function revisionsOf(session: Session, { object, target }: Found): Promise<Revisions> {
  if (object.kind !== 'Deployment')
    throw new CommandError(`no history viewer has been implemented for ${JSON.stringify(object.kind)}`);
  const deployment = object as KubeObject as unknown as Deployment; // the kind says so
  const { items } = await session.client
    .resource('ReplicaSet')
    .list({ namespace: target.namespace, labelSelector: podSelectorOf(object), signal: session.signal });
  const owned = items.filter((set) => set.metadata.ownerReferences?.some(({ uid }) => uid === deployment.metadata.uid));
  const numbered = owned
    .map((set) => [Number(set.metadata.annotations?.[revisionAnnotation] ?? 0), set] as const)
    .filter(([revision]) => revision > 0)
    .toSorted(([a], [b]) => a - b);
  return { deployment, sets: new Map(numbered) };
}
