import type { V1WindowsSecurityContextOptions } from '@kubernetes/client-node';
import { forbiddenField, invalidBy, invalidValue, notSupported, required } from '@skiff/api/causes';
import type { Wire } from '@skiff/api/meta';
import { dns1123Subdomain } from '@skiff/api/names';
import type { StatusCause } from '@skiff/api/status';
import { containerPaths } from './container-paths.ts';
import type { PodSpec } from './defaults.ts';

type Options = Wire<V1WindowsSecurityContextOptions>;

const maxCredentialKib = 64;
const maxDomain = 256;
const maxUser = 104;
const netBios = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const dnsLabel = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
const dnsName = new RegExp(`^${dnsLabel}(?:\\.${dnsLabel})*$`);

/** The messages of what is wrong with `DOMAIN\user`. */
function userName(name: string): string[] {
  if (name === '') return ['runAsUserName cannot be an empty string'];
  if (/\p{Cc}/u.test(name)) return ['runAsUserName cannot contain control characters'];
  const parts = name.split('\\');
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash'];
  const user = parts.at(-1) ?? '';
  const domain = parts.length === 2 ? parts[0] : undefined;
  const errors: string[] = [];
  if ((domain?.length ?? 0) >= maxDomain) {
    errors.push(`runAsUserName's Domain length must be under ${maxDomain} characters`);
  }
  if (domain !== undefined && !netBios.test(domain) && !dnsName.test(domain)) {
    errors.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
  }
  if (user === '') errors.push("runAsUserName's User cannot be empty");
  else if (user.length > maxUser) {
    errors.push(`runAsUserName's User length must not be longer than ${maxUser} characters`);
  }
  if (/^[. ]+$/.test(user)) errors.push("runAsUserName's User cannot contain only periods or spaces");
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) {
    errors.push(`runAsUserName's User cannot contain the following characters: "/\\:;|=,+*?<>@[]`);
  }
  return errors;
}

/** Upstream: validateWindowsSecurityContextOptions. */
export function validateWindowsOptions(options: Options | undefined, field: string): StatusCause[] {
  if (!options) return [];
  const { gmsaCredentialSpec: credential, gmsaCredentialSpecName: credentialName, runAsUserName } = options;
  const causes: StatusCause[] = [];
  if (credentialName !== undefined) {
    causes.push(...invalidBy(dns1123Subdomain, `${field}.gmsaCredentialSpecName`, credentialName));
  }
  if (credential === '') {
    const rule = 'gmsaCredentialSpec cannot be an empty string';
    causes.push(invalidValue(`${field}.gmsaCredentialSpec`, credential, rule));
  } else if (credential && credential.length > maxCredentialKib * 1024) {
    const rule = `gmsaCredentialSpec size must be under ${maxCredentialKib} KiB`;
    causes.push(invalidValue(`${field}.gmsaCredentialSpec`, credential, rule));
  }
  if (runAsUserName !== undefined) causes.push(...invalidBy(userName, `${field}.runAsUserName`, runAsUserName));
  return causes;
}

/** Containers that run as processes of a Windows host (upstream: validateWindowsHostProcessPod). */
export function validateHostProcesses(spec: PodSpec, field: string): StatusCause[] {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  const causes: StatusCause[] = [];
  const containers = containerPaths(spec, field);
  let count = 0;
  for (const { container, path } of containers) {
    const own = container.securityContext?.windowsOptions?.hostProcess;
    if (ofPod !== undefined && own !== undefined && ofPod !== own) {
      const rule = `pod hostProcess value must be identical if both are specified, was ${ofPod}`;
      causes.push(invalidValue(`${path}.securityContext.windowsOptions.hostProcess`, own, rule));
    }
    if (own ?? ofPod) count++;
  }
  if (count === 0) return causes;
  if (count !== containers.length) {
    const rule = 'If pod contains any hostProcess containers then all containers must be HostProcess containers';
    causes.push(invalidValue(field, '', rule));
  }
  if (!spec.hostNetwork) {
    const rule = 'hostNetwork must be true if pod contains any hostProcess containers';
    causes.push(invalidValue(`${field}.hostNetwork`, false, rule));
  }
  return causes;
}

const linuxOfPod = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'seLinuxChangePolicy',
] as const;
const linuxOfContainer = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const;

function validateLinux(spec: PodSpec, field: string): StatusCause[] {
  const places = [{ container: spec, path: field }, ...containerPaths(spec, field)];
  const rule = 'windows options cannot be set for a linux pod';
  return places
    .filter(({ container }) => container.securityContext?.windowsOptions)
    .map(({ path }) => forbiddenField(`${path}.securityContext.windowsOptions`, rule));
}

function validateWindows(spec: PodSpec, field: string): StatusCause[] {
  const refused: string[] = [];
  const { securityContext: ofPod } = spec;
  for (const name of linuxOfPod) if (ofPod?.[name] !== undefined) refused.push(`${field}.securityContext.${name}`);
  for (const name of ['hostUsers', 'shareProcessNamespace'] as const) {
    if (spec[name] !== undefined) refused.push(`${field}.${name}`);
  }
  for (const name of ['hostPID', 'hostIPC'] as const) if (spec[name]) refused.push(`${field}.${name}`);
  for (const { container, path } of containerPaths(spec, field)) {
    for (const name of linuxOfContainer) {
      if (container.securityContext?.[name] !== undefined) refused.push(`${path}.securityContext.${name}`);
    }
  }
  return refused.map((path) => forbiddenField(path, 'cannot be set for a windows pod'));
}

/** What a Pod says about its operating system, and what then cannot be set (upstream: validateOS, validateLinux, validateWindows). */
export function validateOs(spec: PodSpec, field: string): StatusCause[] {
  if (!spec.os) return [];
  const { name } = spec.os;
  if (!name) return [required(`${field}.os.name`)];
  if (name === 'linux') return validateLinux(spec, field);
  return name === 'windows' ? validateWindows(spec, field) : [notSupported(`${field}.os`, name, ['linux', 'windows'])];
}
