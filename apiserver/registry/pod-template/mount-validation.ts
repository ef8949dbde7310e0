import type { V1VolumeMount } from '@kubernetes/client-node';
import { forbiddenField, invalidValue, notFoundValue, notSupported, optionalOneOf, required } from '@skiff/api/causes';
import type { Wire } from '@skiff/api/meta';
import type { StatusCause } from '@skiff/api/status';
import type { Container } from './container-defaults.ts';
import { noBacksteps, relativePath } from './path-validation.ts';
import type { Volume } from './volume-defaults.ts';

/** The volumes of a Pod that are valid, by name. */
export type Volumes = ReadonlyMap<string, Volume>;

const propagations = ['Bidirectional', 'HostToContainer', 'None'];
const recursions = ['Disabled', 'Enabled', 'IfPossible'];

function validateRecursion(mount: Wire<V1VolumeMount>, field: string): StatusCause[] {
  const { mountPropagation = 'None', readOnly, recursiveReadOnly: mode } = mount;
  if (mode === undefined || mode === 'Disabled') return [];
  if (!recursions.includes(mode)) return [notSupported(field, mode, recursions)];
  const causes: StatusCause[] = [];
  if (!readOnly) causes.push(forbiddenField(field, 'may only be specified when readOnly is true'));
  if (mountPropagation !== 'None') {
    causes.push(forbiddenField(field, 'may only be specified when mountPropagation is None or not specified'));
  }
  return causes;
}

/** The rules of `volumeMounts` (upstream: ValidateVolumeMounts). Some paths name the list where an entry is meant, as upstream does. */
export function validateMounts(container: Container, volumes: Volumes, field: string): StatusCause[] {
  const devices = container.volumeDevices ?? [];
  const paths = new Set<string>();
  return (container.volumeMounts ?? []).flatMap((mount, index) => {
    const { mountPath = '', mountPropagation, name = '', subPath, subPathExpr } = mount;
    const at = `${field}[${index}]`;
    const causes: StatusCause[] = [];
    if (!name) causes.push(required(`${at}.name`));
    if (!volumes.has(name)) causes.push(notFoundValue(`${at}.name`, name));
    if (!mountPath) causes.push(required(`${at}.mountPath`));
    if (paths.has(mountPath)) causes.push(invalidValue(`${at}.mountPath`, mountPath, 'must be unique'));
    paths.add(mountPath);
    if (devices.some((device) => device.name === name)) {
      causes.push(invalidValue(`${at}.name`, name, 'must not already exist in volumeDevices'));
    }
    if (devices.some((device) => device.devicePath === mountPath)) {
      causes.push(invalidValue(`${at}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices'));
    }
    if (subPath) causes.push(...relativePath(`${field}.subPath`, subPath));
    if (subPathExpr) {
      if (subPath) {
        causes.push(invalidValue(`${at}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive'));
      }
      causes.push(...relativePath(`${field}.subPathExpr`, subPathExpr));
    }
    causes.push(...optionalOneOf(`${field}.mountPropagation`, mountPropagation, propagations));
    if (mountPropagation === 'Bidirectional' && !container.securityContext?.privileged) {
      const rule = 'Bidirectional mount propagation is available only to privileged containers';
      causes.push(forbiddenField(`${field}.mountPropagation`, rule));
    }
    return [...causes, ...validateRecursion(mount, `${field}.recursiveReadOnly`)];
  });
}

/** The rules of `volumeDevices` (upstream: ValidateVolumeDevices). */
export function validateDevices(container: Container, volumes: Volumes, field: string): StatusCause[] {
  const mounts = container.volumeMounts ?? [];
  const [names, paths] = [new Set<string>(), new Set<string>()];
  return (container.volumeDevices ?? []).flatMap(({ devicePath = '', name = '' }, index) => {
    const at = `${field}[${index}]`;
    const causes: StatusCause[] = [];
    const volume = volumes.get(name);
    if (!name) causes.push(required(`${at}.name`));
    if (names.has(name)) causes.push(invalidValue(`${at}.name`, name, 'must be unique'));
    if (!volume) causes.push(notFoundValue(`${at}.name`, name));
    else if (!volume.persistentVolumeClaim && !volume.ephemeral) {
      const rule = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode';
      causes.push(invalidValue(`${at}.name`, name, rule));
    }
    if (!devicePath) causes.push(required(`${at}.devicePath`));
    if (paths.has(devicePath)) causes.push(invalidValue(`${at}.devicePath`, devicePath, 'must be unique'));
    if (noBacksteps('', devicePath).length) {
      causes.push(invalidValue(`${at}.devicePath`, devicePath, "can not contain backsteps ('..')"));
    } else paths.add(devicePath);
    if (mounts.some((mount) => mount.name === name)) {
      causes.push(invalidValue(`${at}.name`, name, 'must not already exist in volumeMounts'));
    }
    if (mounts.some((mount) => mount.mountPath === devicePath)) {
      causes.push(invalidValue(`${at}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts'));
    }
    if (name) names.add(name);
    return causes;
  });
}
