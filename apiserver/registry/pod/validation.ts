import { forbiddenField } from '@skiff/api/causes';
import type { StatusCause } from '@skiff/api/status';
import type { Pod } from '@skiff/api/types';
import { validatePodAnnotations, validateProfilesMatch } from '../pod-template/annotation-validation.ts';
import { validateImagePadding } from '../pod-template/container-validation.ts';
import { validatePodSpec } from '../pod-template/validation.ts';

/** Tokens are of an account. */
function validateTokens({ spec }: Pod): StatusCause[] {
  if (spec?.serviceAccountName) return [];
  return (spec?.volumes ?? []).flatMap(({ projected }, index) =>
    (projected?.sources ?? []).flatMap(({ serviceAccountToken }, source) => {
      if (!serviceAccountToken) return [];
      const field = `spec.volumes[${index}].projected.sources[${source}].serviceAccountToken`;
      return [forbiddenField(field, 'must not be specified when serviceAccountName is not set')];
    }),
  );
}

/** The rules of a Pod, new or changed (upstream: validatePodMetadataAndSpec). */
export function validatePod(pod: Pod): StatusCause[] {
  const spec = pod.spec ?? { containers: [] };
  return [
    ...validatePodAnnotations(pod.metadata.annotations ?? {}, spec, 'metadata.annotations'),
    ...validatePodSpec(spec, 'spec', { pod: pod.metadata.name ?? '' }),
    ...validateTokens(pod),
    ...(['containers', 'initContainers'] as const).flatMap((list) =>
      (spec[list] ?? []).flatMap((container, index) => validateImagePadding(container, `spec.${list}[${index}]`)),
    ),
  ];
}

/** What a new Pod may not have (upstream: ValidatePodCreate). */
export function validateNewPod(pod: Pod): StatusCause[] {
  const spec = pod.spec ?? { containers: [] };
  const causes: StatusCause[] = [];
  if (spec.ephemeralContainers?.length) {
    causes.push(forbiddenField('spec.ephemeralContainers', 'cannot be set on create'));
  }
  if (spec.nodeName && spec.schedulingGates?.length) {
    const rule = 'cannot be set until all schedulingGates have been cleared';
    causes.push(forbiddenField('spec.nodeName', rule));
  }
  return [...causes, ...validateProfilesMatch(pod.metadata.annotations ?? {}, spec, 'spec')];
}
