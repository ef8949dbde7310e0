import { forbiddenField, invalidValue } from '@skiff/api/causes';
import type { StatusCause } from '@skiff/api/status';
import { containerPaths } from './container-paths.ts';
import type { PodSpec } from './defaults.ts';
import { relativePath } from './path-validation.ts';

/** Annotations with a meaning of their own; most are older than the fields that replaced them. */
export const mirrorAnnotation = 'kubernetes.io/config.mirror';
export const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/';
const deletionCost = 'controller.kubernetes.io/pod-deletion-cost';
const seccompOfPod = 'seccomp.security.alpha.kubernetes.io/pod';
const seccompPrefix = 'container.seccomp.security.alpha.kubernetes.io/';

type Annotations = Readonly<Record<string, string>>;

function validateSeccomp(profile: string, field: string): StatusCause[] {
  if (['runtime/default', 'docker/default', 'unconfined'].includes(profile)) return [];
  if (profile.startsWith('localhost/')) return relativePath(field, profile.slice('localhost/'.length));
  return [invalidValue(field, profile, 'must be a valid seccomp profile')];
}

const isInt32 = (text: string): boolean => /^(?:0|-?[1-9]\d*)$/.test(text) && Number(text) === (Number(text) | 0);

/** Upstream: ValidatePodSpecificAnnotations. */
export function validatePodAnnotations(annotations: Annotations, spec: PodSpec, field: string): StatusCause[] {
  const causes: StatusCause[] = [];
  const mirror = annotations[mirrorAnnotation];
  if (mirror !== undefined && !spec.nodeName) {
    const rule = 'must set spec.nodeName if mirror pod annotation is set';
    causes.push(invalidValue(`${field}[${mirrorAnnotation}]`, mirror, rule));
  }
  const cost = annotations[deletionCost];
  if (cost !== undefined && !isInt32(cost)) {
    causes.push(invalidValue(`${field}[${deletionCost}]`, cost, 'must be a 32bit integer'));
  }
  const names = containerPaths(spec, '').map(({ container }) => container.name);
  for (const [key, value] of Object.entries(annotations)) {
    if (key === seccompOfPod || key.startsWith(seccompPrefix))
      causes.push(...validateSeccomp(value, `${field}.${key}`));
    if (!key.startsWith(appArmorPrefix)) continue;
    const name = key.slice(appArmorPrefix.length);
    if (!names.includes(name)) causes.push(invalidValue(`${field}[${key}]`, name, 'container not found'));
    if (!['', 'runtime/default', 'unconfined'].includes(value) && !value.startsWith('localhost/')) {
      const rule = `invalid AppArmor profile name: ${JSON.stringify(value)}`;
      causes.push(invalidValue(`${field}[${key}]`, value, rule));
    }
  }
  return causes;
}

interface Profile {
  readonly type?: string;
  readonly localhostProfile?: string;
}

const texts: Readonly<Record<string, readonly string[]>> = {
  Unconfined: ['unconfined'],
  RuntimeDefault: ['runtime/default', 'docker/default'],
};

function mismatch(what: string, text: string | undefined, profile: Profile | undefined, field: string): StatusCause[] {
  if (text === undefined || !profile) return [];
  const expected = texts[profile.type ?? ''];
  if (profile.type !== 'Localhost') {
    if (!expected || expected.includes(text)) return [];
    return [forbiddenField(`${field}.type`, `${what} type in annotation and field must match`)];
  }
  if (!text.startsWith('localhost/')) {
    return [forbiddenField(`${field}.type`, `${what} type in annotation and field must match`)];
  }
  if (text.slice('localhost/'.length) === profile.localhostProfile) return [];
  return [forbiddenField(`${field}.localhostProfile`, `${what} profile in annotation and field must match`)];
}

/** What old annotations and the fields that replaced them both say must agree, where both are there. */
export function validateProfilesMatch(annotations: Annotations, spec: PodSpec, field: string): StatusCause[] {
  const { seccompProfile, appArmorProfile } = spec.securityContext ?? {};
  const causes = mismatch(
    'seccomp',
    annotations[seccompOfPod],
    seccompProfile,
    `${field}.securityContext.seccompProfile`,
  );
  for (const { container, path } of containerPaths(spec, field)) {
    const { securityContext: own, name } = container;
    const at = `${path}.securityContext`;
    causes.push(
      ...mismatch('seccomp', annotations[`${seccompPrefix}${name}`], own?.seccompProfile, `${at}.seccompProfile`),
    );
    if (spec.os?.name === 'windows') continue;
    const profile = own?.appArmorProfile ?? appArmorProfile;
    causes.push(...mismatch('apparmor', annotations[`${appArmorPrefix}${name}`], profile, `${at}.appArmorProfile`));
  }
  return causes;
}
