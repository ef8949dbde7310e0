import { keyOf } from '@skiff/api/meta';
import { isAlreadyExists, isNotFound } from '@skiff/api/status';
import type { ControllerRevision, DaemonSet, StatefulSet } from '@skiff/api/types';
import type { ResourceClient } from '@skiff/client/resource';
import { templateHash } from '../deployment/template.ts';
import { controllerReference, isControlledBy } from '../ownership.ts';
import { semanticallyEqual } from '../semantic-equality.ts';

/** Names the revision that a Pod was made of. */
export const revisionLabel = 'controller-revision-hash';

type Owner = StatefulSet | DaemonSet;
type Template = NonNullable<Owner['spec']>['template'];

/** What a revision holds: a patch that puts the template back (upstream: pkg/controller/history). */
const dataOf = (template: Template): object => ({ spec: { template: { ...template, $patch: 'replace' } } });

/** The template that a revision holds. */
export function templateOf(revision: ControllerRevision): Template {
  const data = revision.data as { spec?: { template?: Template & { $patch?: string } } } | undefined; // as dataOf wrote it
  const { $patch: _patch, ...template } = data?.spec?.template ?? {};
  return template;
}

const holds = (revision: ControllerRevision, template: Template): boolean =>
  semanticallyEqual(templateOf(revision), template);

/** The revisions of an owner, oldest first. */
export function revisionsOf(owner: Owner, all: Iterable<ControllerRevision>): ControllerRevision[] {
  return [...all].filter((revision) => isControlledBy(revision, owner)).sort((a, b) => a.revision - b.revision);
}

/**
 * The revision of the owner's template, made where there is none; one that was there before becomes the newest again. Its name
 * is also the value of {@link revisionLabel} of Pods, but for the owner's name in DaemonSets.
 */
export async function revisionFor(
  owner: Owner,
  revisions: readonly ControllerRevision[],
  client: ResourceClient<ControllerRevision>,
): Promise<ControllerRevision> {
  const template = owner.spec?.template ?? {};
  const newest = revisions.at(-1);
  const next = (newest?.revision ?? 0) + 1;
  const known = revisions.findLast((revision) => holds(revision, template));
  if (known) return known === newest ? known : client.patch(keyOf(known), { revision: next });
  for (let collisions = owner.status?.collisionCount ?? 0; ; collisions++) {
    const hash = templateHash(template, collisions);
    // The annotations tell why it came to be: `kubernetes.io/change-cause`, which `kubectl rollout history` shows.
    const { namespace, name, annotations } = owner.metadata;
    const { labels } = template.metadata ?? {};
    try {
      return await client.create({
        metadata: {
          name: `${name}-${hash}`,
          ...(namespace && { namespace }),
          ...(annotations && { annotations }),
          labels: { ...labels, [revisionLabel]: hash, 'controller.kubernetes.io/hash': hash },
          ownerReferences: [controllerReference(owner)],
        },
        data: dataOf(template),
        revision: next,
      });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const taken = await client.get({ namespace, name: `${name}-${hash}` });
      if (isControlledBy(taken, owner) && holds(taken, template)) return taken;
    }
  }
}

/** Deletes the oldest revisions that no Pod was made of, until the limit is kept. */
export async function trimHistory(
  revisions: readonly ControllerRevision[],
  options: {
    limit: number;
    live: (revision: ControllerRevision) => boolean;
    client: ResourceClient<ControllerRevision>;
  },
): Promise<void> {
  const unused = revisions.filter((revision) => !options.live(revision));
  for (const revision of unused.slice(0, Math.max(0, unused.length - options.limit))) {
    try {
      await options.client.delete(keyOf(revision));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
