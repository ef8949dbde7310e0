import type { KubeObject } from '@skiff/api/meta';
import type { ControllerRevision, DaemonSet, Deployment, ReplicaSet, StatefulSet } from '@skiff/api/types';
import { CommandError } from '../../failure.ts';
import type { Found } from '../../resources/find-objects.ts';
import { podSelectorOf } from '../../resources/pods-of.ts';
import type { Session } from '../../session.ts';

const revisionAnnotation = 'deployment.kubernetes.io/revision';
const causeAnnotation = 'kubernetes.io/change-cause';

type Owner = Deployment | StatefulSet | DaemonSet;
type Template = NonNullable<Owner['spec']>['template'];

/** What an object has been before. */
export interface Revision {
  readonly template: Template;
  /** Why it came to be. */
  readonly cause: string | undefined;
}

export interface Revisions {
  readonly owner: Owner;
  /** By number, the oldest first. */
  readonly known: ReadonlyMap<number, Revision>;
}

/** Deployments keep theirs as ReplicaSets, DaemonSets and StatefulSets as ControllerRevisions. Throws `refusal` for other kinds. */
export async function revisionsOf(session: Session, found: Found, refusal: string): Promise<Revisions> {
  const { object } = found;
  if (!['Deployment', 'StatefulSet', 'DaemonSet'].includes(object.kind)) throw new CommandError(refusal);
  const owner = object as KubeObject as unknown as Owner; // the kind says so
  const isOwned = ({ metadata }: ReplicaSet | ControllerRevision): boolean =>
    metadata.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid) ?? false;
  const options = { namespace: found.target.namespace, labelSelector: podSelectorOf(object), signal: session.signal };
  const known =
    owner.kind === 'Deployment'
      ? (await session.client.resource('ReplicaSet').list(options)).items.filter(isOwned).map(ofReplicaSet)
      : (await session.client.resource('ControllerRevision').list(options)).items.filter(isOwned).map(ofRevision);
  return { owner, known: new Map(known.filter(([number]) => number > 0).toSorted(([a], [b]) => a - b)) };
}

function ofReplicaSet({ metadata, spec }: ReplicaSet): [number, Revision] {
  const { annotations = {} } = metadata;
  const number = Number(annotations[revisionAnnotation] ?? 0);
  return [number, { template: spec?.template ?? {}, cause: annotations[causeAnnotation] }];
}

/** Its data is a patch that puts the template back (kubernetes: pkg/controller/history). */
function ofRevision({ metadata, revision, data }: ControllerRevision): [number, Revision] {
  // Whoever writes revisions of these two kinds writes this.
  const { spec } = data as { spec?: { template?: Template & { $patch?: string } } };
  const { $patch: _, ...template } = spec?.template ?? {};
  return [revision, { template, cause: metadata.annotations?.[causeAnnotation] }];
}
