import { isDeepStrictEqual } from 'node:util';
import { forbiddenField, invalidValue } from '@skiff/api/causes';
import type { StatusCause } from '@skiff/api/status';
import type { Pod } from '@skiff/api/types';
import { appArmorPrefix, mirrorAnnotation } from '../pod-template/annotation-validation.ts';
import { validateImagePadding } from '../pod-template/container-validation.ts';
import type { PodSpec } from '../pod-template/defaults.ts';
import { validateTolerations } from '../pod-template/scheduling-validation.ts';
import { mutableWhileGated } from './gated-update-validation.ts';

const updatable =
  '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** Annotations that are decided when a Pod is made (upstream: ValidatePodSpecificAnnotationUpdates). */
export function validateAnnotationUpdate(pod: Pod, old: Pod): StatusCause[] {
  const [now, before] = [pod.metadata.annotations ?? {}, old.metadata.annotations ?? {}];
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].flatMap((key) => {
    const what = key === mirrorAnnotation ? 'mirror pod annotation' : 'AppArmor annotations';
    if (now[key] === before[key] || !(key === mirrorAnnotation || key.startsWith(appArmorPrefix))) return [];
    const verb = Object.hasOwn(before, key) ? 'remove or update' : 'add';
    return [forbiddenField(`metadata.annotations[${key}]`, `may not ${verb} ${what}`)];
  });
}

type List = 'containers' | 'initContainers';

function validateDeadline({ activeDeadlineSeconds: now }: PodSpec, old: PodSpec): StatusCause[] {
  const field = 'spec.activeDeadlineSeconds';
  const before = old.activeDeadlineSeconds;
  if (now === undefined) {
    const rule = 'must not update from a positive integer to nil value';
    return before === undefined ? [] : [invalidValue(field, null, rule)];
  }
  if (now < 0 || now > 2 ** 31 - 1) {
    return [invalidValue(field, now, `must be between 0 and ${2 ** 31 - 1}, inclusive`)];
  }
  if (before === undefined || now <= before) return [];
  return [invalidValue(field, now, 'must be less than or equal to previous value')];
}

function validateAddedTolerations({ tolerations: now = [] }: PodSpec, old: PodSpec): StatusCause[] {
  const field = 'spec.tolerations';
  const kept = (old.tolerations ?? []).every((before) =>
    now.some((toleration) => {
      const { tolerationSeconds: _seconds, ...rest } = toleration;
      const { tolerationSeconds: _before, ...wanted } = before;
      return isDeepStrictEqual(rest, wanted);
    }),
  );
  if (kept) return validateTolerations(now, field);
  return [forbiddenField(field, 'existing toleration can not be modified except its tolerationSeconds')];
}

function validateRemovedGates({ schedulingGates: now = [] }: PodSpec, old: PodSpec): StatusCause[] {
  const before = new Set((old.schedulingGates ?? []).map(({ name }) => name));
  return now.flatMap(({ name }, index) => {
    if (before.has(name)) return [];
    const rule = `only deletion is allowed, but found new scheduling gate '${name}'`;
    return [forbiddenField(`spec.schedulingGates[${index}].name`, rule)];
  });
}

/** The spec as it was before what may change changed. */
function withoutUpdatable(spec: PodSpec, old: PodSpec): PodSpec {
  const masked: PodSpec = structuredClone(spec);
  for (const list of ['containers', 'initContainers'] as const) {
    for (const [index, container] of (masked[list] ?? []).entries()) {
      Object.assign(container, { image: old[list]?.[index]?.image });
    }
  }
  const { terminationGracePeriodSeconds: grace = 0 } = old;
  const names = ['activeDeadlineSeconds', 'schedulingGates', 'tolerations'] as const;
  for (const name of names) copy(name, old, masked);
  if (grace < 0 && masked.terminationGracePeriodSeconds === 1) copy('terminationGracePeriodSeconds', old, masked);
  return masked;
}

function copy(name: keyof PodSpec, from: PodSpec, to: PodSpec): void {
  if (from[name] === undefined) delete to[name];
  else Object.assign(to, { [name]: from[name] });
}

/** What may change of a Pod (upstream: ValidatePodUpdate). */
export function validatePodUpdate(pod: Pod, old: Pod): StatusCause[] {
  const [spec, before] = [pod.spec ?? { containers: [] }, old.spec ?? { containers: [] }];
  const causes = validateAnnotationUpdate(pod, old);
  for (const list of ['containers', 'initContainers'] satisfies List[]) {
    const containers = spec[list] ?? [];
    if (containers.length !== (before[list]?.length ?? 0)) {
      return [...causes, forbiddenField(`spec.${list}`, 'pod updates may not add or remove containers')];
    }
    for (const [index, container] of containers.entries()) {
      causes.push(...validateImagePadding(container, `spec.${list}[${index}]`));
    }
  }
  const deadline = validateDeadline(spec, before);
  causes.push(...deadline);
  if (deadline.length && spec.activeDeadlineSeconds !== undefined) return causes;
  causes.push(...validateAddedTolerations(spec, before), ...validateRemovedGates(spec, before));
  const masked = withoutUpdatable(spec, before);
  if (before.schedulingGates?.length) causes.push(...mutableWhileGated(masked, before));
  if (isDeepStrictEqual(masked, before)) return causes;
  const names = [...new Set([...Object.keys(masked), ...Object.keys(before)])] as (keyof PodSpec)[]; // keys of PodSpecs
  const changed = names.filter((name) => !isDeepStrictEqual(masked[name], before[name]));
  const diff = changed.map(
    (name) => `spec.${name}: ${JSON.stringify(before[name])} -> ${JSON.stringify(masked[name])}`,
  );
  const rule = `pod updates may not change fields other than ${updatable}\n${diff.join('\n')}`;
  return [...causes, forbiddenField('spec', rule)];
}
