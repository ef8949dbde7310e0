import type { Container, NodePod } from './types.ts';

/** The volume that the API server adds to every Pod. */
const TOKEN_VOLUME = /^kube-api-access-/;

/**
 * What a container that is a plain process of the machine lacks of what its Pod asks for, in a sentence for an Event; undefined where it lacks
 * nothing.
 */
export function plainProcessWarning(pod: NodePod, container: Container): string | undefined {
  const lacks: string[] = [];
  const paths = (container.volumeMounts ?? [])
    .filter(({ name }) => !TOKEN_VOLUME.test(name))
    .map(({ mountPath }) => mountPath);
  if (paths.length > 0)
    lacks.push(
      `only Node programs find ${paths.join(', ')}; for others, paths in their commands and variables are turned into the real ones, and ` +
        'all is below the folder that SKIFF_ROOT names',
    );
  const limited =
    pod.spec.volumes?.filter(({ emptyDir }) => emptyDir?.medium === 'Memory').map(({ name }) => name) ?? [];
  if (limited.length > 0) lacks.push(`the volumes ${limited.join(', ')} are on a disk, without a limit`);
  const { privileged, capabilities, readOnlyRootFilesystem } = container.securityContext ?? {};
  if (readOnlyRootFilesystem) lacks.push('its root is not read-only');
  if (privileged) lacks.push('it has no more privileges than the user who started the cluster');
  else if (capabilities?.add?.length) lacks.push(`it has not got the capabilities ${capabilities.add.join(', ')}`);
  if (pod.spec.securityContext?.fsGroup || pod.spec.securityContext?.supplementalGroups?.length)
    lacks.push('it is in no other groups than that user');
  if (lacks.length === 0) return undefined;
  return `Container ${container.name} is a plain process of this machine, where namespaces are refused: ${lacks.join('; ')}.`;
}
