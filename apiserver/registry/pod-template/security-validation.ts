import type { V1AppArmorProfile, V1SeccompProfile, V1SecurityContext } from '@kubernetes/client-node';
import {
  duplicate,
  invalidValue,
  notSupported,
  optionalOneOf,
  required,
  tooLongValue,
  within,
} from '@skiff/api/causes';
import type { Wire } from '@skiff/api/meta';
import type { StatusCause } from '@skiff/api/status';
import type { PodSpec } from './defaults.ts';
import { relativePath } from './path-validation.ts';
import { validateWindowsOptions } from './windows-validation.ts';

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined'];
const ids = [0, 2 ** 31 - 1] as const;

function validateSeccomp(profile: Wire<V1SeccompProfile> | undefined, field: string): StatusCause[] {
  if (!profile) return [];
  const { localhostProfile, type } = profile;
  const at = `${field}.localhostProfile`;
  const causes: StatusCause[] = [];
  if (!type) causes.push(required(`${field}.type`, 'type is required when seccompProfile is set'));
  else if (!profileTypes.includes(type)) causes.push(notSupported(`${field}.type`, type, profileTypes));
  if (type === 'Localhost') {
    if (localhostProfile === undefined) causes.push(required(at, 'must be set when seccomp type is Localhost'));
    else causes.push(...relativePath(at, localhostProfile));
  } else if (localhostProfile !== undefined) {
    causes.push(invalidValue(at, profile, 'can only be set when seccomp type is Localhost'));
  }
  return causes;
}

function validateAppArmor(profile: Wire<V1AppArmorProfile> | undefined, field: string): StatusCause[] {
  if (!profile) return [];
  const { localhostProfile, type } = profile;
  const at = `${field}.localhostProfile`;
  if (!type) return [required(`${field}.type`, 'type is required when appArmorProfile is set')];
  if (!profileTypes.includes(type)) return [notSupported(`${field}.type`, type, profileTypes)];
  if (type !== 'Localhost') {
    if (localhostProfile === undefined) return [];
    return [invalidValue(at, localhostProfile, 'can only be set when AppArmor type is Localhost')];
  }
  if (localhostProfile === undefined) return [required(at, 'must be set when AppArmor type is Localhost')];
  const causes: StatusCause[] = [];
  if (localhostProfile.trim() !== localhostProfile) {
    causes.push(invalidValue(at, localhostProfile, 'must not be padded with whitespace'));
  } else if (localhostProfile === '') causes.push(required(at, 'must be set when AppArmor type is Localhost'));
  if (localhostProfile.length > 4095) causes.push(tooLongValue(at, 4095));
  return causes;
}

/** The rules of the security context of a container (upstream: ValidateSecurityContext). */
export function validateContainerSecurity(
  context: Wire<V1SecurityContext> | undefined,
  field: string,
  options: { hostUsers: boolean },
): StatusCause[] {
  if (!context) return [];
  const { allowPrivilegeEscalation, capabilities, privileged, procMount } = context;
  const causes = [
    ...within(`${field}.runAsUser`, context.runAsUser, ids),
    ...within(`${field}.runAsGroup`, context.runAsGroup, ids),
    ...optionalOneOf(`${field}.procMount`, procMount, ['Default', 'Unmasked']),
  ];
  if (procMount === 'Unmasked' && options.hostUsers) {
    causes.push(invalidValue(`${field}.procMount`, procMount, '`hostUsers` must be false to use `Unmasked`'));
  }
  causes.push(...validateSeccomp(context.seccompProfile, `${field}.seccompProfile`));
  if (allowPrivilegeEscalation === false) {
    const head = 'cannot set `allowPrivilegeEscalation` to false and';
    if (privileged) causes.push(invalidValue(field, context, `${head} \`privileged\` to true`));
    if (capabilities?.add?.includes('CAP_SYS_ADMIN')) {
      causes.push(invalidValue(field, context, `${head} \`capabilities.Add\` CAP_SYS_ADMIN`));
    }
  }
  return [
    ...causes,
    ...validateWindowsOptions(context.windowsOptions, `${field}.windowsOptions`),
    ...validateAppArmor(context.appArmorProfile, `${field}.appArmorProfile`),
  ];
}

const sysctlName = '([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const sysctlPattern = new RegExp(`^${sysctlName}$`);
const sysctlMax = 253;
/** Which namespace a parameter of the kernel belongs to. */
const isNetwork = (name: string): boolean => /^net[./]/.test(name);
const isIpc = (name: string): boolean => /^(?:kernel[./](?:shm|msg|sem)|fs[./]mqueue[./])/.test(name);

function validateSysctls({ hostIPC, hostNetwork, securityContext }: PodSpec, field: string): StatusCause[] {
  const seen = new Set<string>();
  return (securityContext?.sysctls ?? []).flatMap(({ name = '' }, index) => {
    const at = `${field}[${index}].name`;
    const causes: StatusCause[] = [];
    if (!name) causes.push(required(at));
    else if (name.length > sysctlMax || !sysctlPattern.test(name)) {
      causes.push(invalidValue(at, name, `must have at most ${sysctlMax} characters and match regex ^${sysctlName}$`));
    } else if (seen.has(name)) causes.push(duplicate(at, name));
    seen.add(name);
    if (hostNetwork && isNetwork(name)) {
      causes.push(invalidValue(at, name, "may not be specified when 'hostNetwork' is true"));
    } else if (hostIPC && isIpc(name)) {
      causes.push(invalidValue(at, name, "may not be specified when 'hostIPC' is true"));
    }
    return causes;
  });
}

/** The rules of the security context of a Pod (upstream: validatePodSpecSecurityContext). */
export function validatePodSecurity(spec: PodSpec, field: string): StatusCause[] {
  const { securityContext: context, shareProcessNamespace, hostPID } = spec;
  if (!context) return [];
  const causes = [
    ...within(`${field}.fsGroup`, context.fsGroup, ids),
    ...within(`${field}.runAsUser`, context.runAsUser, ids),
    ...within(`${field}.runAsGroup`, context.runAsGroup, ids),
    ...(context.supplementalGroups ?? []).flatMap((id, index) =>
      within(`${field}.supplementalGroups[${index}]`, id, ids),
    ),
  ];
  if (shareProcessNamespace && hostPID) {
    const rule = 'ShareProcessNamespace and HostPID cannot both be enabled';
    causes.push(invalidValue(`${field}.shareProcessNamespace`, true, rule));
  }
  return [
    ...causes,
    ...validateSysctls(spec, `${field}.sysctls`),
    ...optionalOneOf(`${field}.fsGroupChangePolicy`, context.fsGroupChangePolicy, ['Always', 'OnRootMismatch']),
    ...validateSeccomp(context.seccompProfile, `${field}.seccompProfile`),
    ...validateWindowsOptions(context.windowsOptions, `${field}.windowsOptions`),
    ...validateAppArmor(context.appArmorProfile, `${field}.appArmorProfile`),
    ...optionalOneOf(`${field}.supplementalGroupsPolicy`, context.supplementalGroupsPolicy, ['Merge', 'Strict']),
    ...optionalOneOf(`${field}.seLinuxChangePolicy`, context.seLinuxChangePolicy, ['MountOption', 'Recursive']),
  ];
}
