import type { Deployment, ReplicaSet } from '@skiff/api/types';
import { controllerReference } from '../ownership.ts';
import { currentSetAnnotations, scaleAnnotations } from './revisions.ts';
import { replicasOfCurrent } from './scaling.ts';
import { hashLabel, templateHash, withHash } from './template.ts';

/**
 * The ReplicaSet for a Deployment's template. Its name follows from the template, so that a pass that repeats one whose
 * work isn't in the cache yet meets AlreadyExists instead of making a second set.
 */
export function newReplicaSet(deployment: Deployment, old: readonly ReplicaSet[]): ReplicaSet {
  const { name, namespace } = deployment.metadata;
  const template = deployment.spec?.template ?? {};
  const hash = templateHash(template, deployment.status?.collisionCount);
  const hashed = withHash(template, hash);
  const selector = deployment.spec?.selector ?? {};
  const minReadySeconds = deployment.spec?.minReadySeconds;
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace && { namespace }),
      labels: { ...hashed.metadata?.labels },
      annotations: { ...currentSetAnnotations(deployment, undefined, old), ...scaleAnnotations(deployment) },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: replicasOfCurrent(deployment, { current: undefined, old }),
      ...(minReadySeconds && { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [hashLabel]: hash } },
      template: hashed,
    },
  };
}
