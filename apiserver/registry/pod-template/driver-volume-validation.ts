import {
  invalidBy,
  invalidValue,
  notSupported,
  optionalOneOf,
  required,
  requiredMembers,
  tooLongValue,
  within,
} from '@skiff/api/causes';
import { dns1123Label, dns1123Subdomain } from '@skiff/api/names';
import type { StatusCause } from '@skiff/api/status';
import type { SourceRules } from './volume-validation.ts';

/** Volumes of storage systems, which drivers bring. */
export type DriverSources =
  | 'awsElasticBlockStore'
  | 'azureDisk'
  | 'azureFile'
  | 'cephfs'
  | 'cinder'
  | 'csi'
  | 'fc'
  | 'flexVolume'
  | 'flocker'
  | 'gcePersistentDisk'
  | 'glusterfs'
  | 'iscsi'
  | 'nfs'
  | 'photonPersistentDisk'
  | 'portworxVolume'
  | 'quobyte'
  | 'rbd'
  | 'scaleIO'
  | 'storageos'
  | 'vsphereVolume';

const iscsiNames: Readonly<Record<string, RegExp>> = {
  iqn: /iqn\.\d{4}-\d{2}\.([a-zA-Z0-9\-.]+)(:[^,;*&$|\s]+)$/,
  eui: /^eui.[a-zA-Z0-9]{16}$/,
  naa: /^naa.[a-zA-Z0-9]{32}$/,
};

function validateIscsiName(name: string, field: string): StatusCause[] {
  const pattern = iscsiNames[name.slice(0, 3)];
  if (!pattern) return [invalidValue(field, name, 'must be valid format starting with iqn, eui, or naa')];
  return pattern.test(name) ? [] : [invalidValue(field, name, 'must be valid format')];
}

const secretName = (secret: { name?: string } | undefined, field: string): StatusCause[] =>
  secret && !secret.name ? [required(`${field}.name`)] : [];

const isHostAndPort = (text: string): boolean => /^(?:[^:[\]]*|\[[^[\]]*\]):[^:[\]]*$/.test(text);

const uris: Readonly<Record<string, { start: string; form: string }>> = {
  managed: {
    start: '/subscriptions/',
    form: '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}',
  },
  blob: { start: 'https://', form: 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd' },
};

/** Upstream: validateVolumeSource and what it calls, in pkg/apis/core/validation. */
export const driverRules: SourceRules<DriverSources> = {
  gcePersistentDisk: (disk, field) => [
    ...requiredMembers(field, disk, ['pdName']),
    ...partition(disk.partition, `${field}.partition`),
  ],
  awsElasticBlockStore: (disk, field) => [
    ...requiredMembers(field, disk, ['volumeID']),
    ...partition(disk.partition, `${field}.partition`),
  ],
  nfs: (share, field) => [
    ...requiredMembers(field, share, ['server', 'path']),
    ...(share.path?.startsWith('/')
      ? []
      : [invalidValue(`${field}.path`, share.path ?? '', 'must be an absolute path')]),
  ],
  iscsi(target, field, { volume }) {
    const { chapAuthDiscovery, chapAuthSession, initiatorName, iqn, lun, secretRef, targetPortal = '' } = target;
    const causes = requiredMembers(field, target, ['targetPortal', 'iqn']);
    if (iqn) causes.push(...validateIscsiName(iqn, `${field}.iqn`));
    causes.push(...within(`${field}.lun`, lun, [0, 255]));
    if ((chapAuthDiscovery || chapAuthSession) && !secretRef) causes.push(required(`${field}.secretRef`));
    if (initiatorName === undefined) return causes;
    causes.push(...validateIscsiName(initiatorName, `${field}.initiatorname`));
    if (`${volume}:${targetPortal}`.length > 64) {
      const rule =
        'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';
      causes.push(invalidValue(field.replace(/\.iscsi$/, '.name'), volume, rule));
    }
    return causes;
  },
  glusterfs: (volume, field) => requiredMembers(field, volume, ['endpoints', 'path']),
  flocker({ datasetName, datasetUUID }, field) {
    const causes: StatusCause[] = [];
    if (!datasetName && !datasetUUID) {
      causes.push(required(field, 'one of datasetName and datasetUUID is required'));
    }
    if (datasetName && datasetUUID) {
      const rule = 'datasetName and datasetUUID can not be specified simultaneously';
      causes.push(invalidValue(field, 'resource', rule));
    }
    if (datasetName?.includes('/')) {
      causes.push(invalidValue(`${field}.datasetName`, datasetName, "must not contain '/'"));
    }
    return causes;
  },
  rbd: (volume, field) => requiredMembers(field, volume, ['monitors', 'image']),
  cinder: (volume, field) => [
    ...requiredMembers(field, volume, ['volumeID']),
    ...secretName(volume.secretRef, `${field}.secretRef`),
  ],
  cephfs: (volume, field) => requiredMembers(field, volume, ['monitors']),
  quobyte(volume, field) {
    const { registry, tenant } = volume;
    const rule = 'must be a host:port pair or multiple pairs separated by commas';
    const causes: StatusCause[] = [];
    if (!registry) causes.push(required(`${field}.registry`, rule));
    else if ((tenant?.length ?? 0) >= 65) {
      causes.push(required(`${field}.tenant`, 'must be a UUID and may not exceed a length of 64 characters'));
    } else {
      const wrong = registry.split(',').filter((pair) => !isHostAndPort(pair));
      causes.push(...wrong.map(() => invalidValue(`${field}.registry`, registry, rule)));
    }
    return [...causes, ...requiredMembers(field, volume, ['volume'])];
  },
  fc({ lun, targetWWNs = [], wwids = [] }, field) {
    const at = `${field}.targetWWNs`;
    const causes: StatusCause[] = [];
    if (!targetWWNs.length && !wwids.length) {
      causes.push(required(at, 'must specify either targetWWNs or wwids, but not both'));
    }
    if (targetWWNs.length && wwids.length) {
      causes.push(invalidValue(at, targetWWNs, 'targetWWNs and wwids can not be specified simultaneously'));
    }
    if (targetWWNs.length && lun === undefined) {
      causes.push(required(`${field}.lun`, 'lun is required if targetWWNs is specified'));
    } else if (targetWWNs.length) causes.push(...within(`${field}.lun`, lun, [0, 255]));
    return causes;
  },
  flexVolume(volume, field) {
    const causes = requiredMembers(field, volume, ['driver']);
    for (const key of Object.keys(volume.options ?? {})) {
      const domain = `.${key.includes('/') ? key.slice(0, key.indexOf('/')) : key}`.toLowerCase();
      if (!domain.endsWith('.kubernetes.io') && !domain.endsWith('.k8s.io')) continue;
      const rule = 'kubernetes.io and k8s.io namespaces are reserved';
      causes.push(invalidValue(`${field}.options[${key}]`, key, rule));
    }
    return causes;
  },
  azureFile: (share, field) => requiredMembers(field, share, ['secretName', 'shareName']),
  vsphereVolume: (disk, field) => requiredMembers(field, disk, ['volumePath']),
  photonPersistentDisk: (disk, field) => requiredMembers(field, disk, ['pdID']),
  portworxVolume: (volume, field) => requiredMembers(field, volume, ['volumeID']),
  azureDisk(disk, field) {
    const { cachingMode, diskURI = '', kind } = disk;
    const causes = [
      ...requiredMembers(field, disk, ['diskName', 'diskURI']),
      ...optionalOneOf(`${field}.cachingMode`, cachingMode, ['None', 'ReadOnly', 'ReadWrite']),
      ...optionalOneOf(`${field}.kind`, kind, ['Dedicated', 'Managed', 'Shared']),
    ];
    const expected = uris[kind === 'Managed' ? 'managed' : 'blob'];
    if (kind !== undefined && expected && !diskURI.startsWith(expected.start)) {
      causes.push(notSupported(`${field}.diskURI`, diskURI, [expected.form]));
    }
    return causes;
  },
  storageos({ secretRef, volumeName, volumeNamespace }, field) {
    const at = `${field}.volumeName`;
    return [
      ...(volumeName ? invalidBy(dns1123Label, at, volumeName) : [required(at)]),
      ...(volumeNamespace ? invalidBy(dns1123Label, `${field}.volumeNamespace`, volumeNamespace) : []),
      ...secretName(secretRef, `${field}.secretRef`),
    ];
  },
  scaleIO: (volume, field) => requiredMembers(field, volume, ['gateway', 'system', 'volumeName']),
  csi({ driver = '', nodePublishSecretRef: secret }, field) {
    const at = `${field}.driver`;
    const causes: StatusCause[] = [];
    if (!driver) causes.push(required(at));
    if (driver.length > 63) causes.push(tooLongValue(at, 63));
    causes.push(...dns1123Subdomain(driver.toLowerCase()).map((message) => invalidValue(at, driver, message)));
    causes.push(...secretName(secret, `${field}.nodePublishSecretRef`));
    if (secret?.name) causes.push(...invalidBy(dns1123Subdomain, `${field}.name`, secret.name));
    return causes;
  },
};

function partition(value: number | undefined, field: string): StatusCause[] {
  if (value === undefined || (value >= 0 && value <= 255)) return [];
  return [invalidValue(field, value, 'must be between 1 and 255, inclusive')];
}
