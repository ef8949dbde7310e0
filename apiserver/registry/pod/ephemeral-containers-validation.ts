import { isDeepStrictEqual } from 'node:util';
import { forbiddenField } from '@skiff/api/causes';
import type { StatusCause } from '@skiff/api/status';
import type { Pod } from '@skiff/api/types';
import { mirrorAnnotation } from '../pod-template/annotation-validation.ts';

/** Of the wanted Pod only its ephemeral containers. Mutates `pod`. */
export function keepButEphemeralContainers(pod: Pod, old: Pod): void {
  const wanted = pod.spec?.ephemeralContainers;
  const { resourceVersion } = pod.metadata;
  pod.metadata = { ...structuredClone(old.metadata), ...(resourceVersion && { resourceVersion }) };
  pod.status = structuredClone(old.status ?? {});
  pod.spec = structuredClone(old.spec ?? { containers: [] });
  if (wanted?.length) pod.spec.ephemeralContainers = wanted;
  else delete pod.spec.ephemeralContainers;
}

/** Containers to look into a Pod are added, and nothing else (upstream: ValidatePodEphemeralContainersUpdate). */
export function validateEphemeralContainersUpdate(pod: Pod, old: Pod): StatusCause[] {
  if (old.metadata.annotations?.[mirrorAnnotation] !== undefined) {
    return [forbiddenField('', 'static pods do not support ephemeral containers')];
  }
  const field = 'spec.ephemeralContainers';
  return (old.spec?.ephemeralContainers ?? []).flatMap((before) => {
    const now = pod.spec?.ephemeralContainers?.find(({ name }) => name === before.name);
    if (!now) return [forbiddenField(field, `existing ephemeral containers "${before.name}" may not be removed\n`)];
    if (isDeepStrictEqual(now, before)) return [];
    return [forbiddenField(field, `existing ephemeral containers "${before.name}" may not be changed\n`)];
  });
}
