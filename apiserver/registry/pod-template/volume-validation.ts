import { duplicate, forbiddenField, invalidBy, invalidValue, optionalOneOf, required } from '@skiff/api/causes';
import { dns1123Label, dns1123Subdomain } from '@skiff/api/names';
import { Quantity } from '@skiff/api/quantity';
import type { StatusCause } from '@skiff/api/status';
import { validateClaimTemplate } from './claim-template-validation.ts';
import { type DriverSources, driverRules } from './driver-volume-validation.ts';
import { validateDownwardFile, validateKeys } from './file-source-validation.ts';
import { fileMode, noBacksteps, relativePath } from './path-validation.ts';
import { validateProjected } from './projected-volume-validation.ts';
import type { Volume } from './volume-defaults.ts';

export type Sources = Required<Omit<Volume, 'name'>>;
/** The rules of one kind of source; `volume` is the name of the volume, and `pod` that of its Pod, where it has one. */
export type SourceRule<T> = (
  source: T,
  field: string,
  names: { volume: string; pod?: string | undefined },
) => StatusCause[];
export type SourceRules<Kinds extends keyof Sources> = { readonly [Kind in Kinds]: SourceRule<Sources[Kind]> };

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

/** Upstream: validateHostPathVolumeSource. */
export function hostPathRule({ path, type }: Sources['hostPath'], field: string): StatusCause[] {
  if (!path) return [required(`${field}.path`)];
  return [...noBacksteps(`${field}.path`, path), ...optionalOneOf(`${field}.type`, type, hostPathTypes)];
}

const ownRules: SourceRules<Exclude<keyof Sources, DriverSources>> = {
  emptyDir({ sizeLimit }, field) {
    if (sizeLimit === undefined || !Quantity.parse(sizeLimit).isNegative) return [];
    return [forbiddenField(`${field}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')];
  },
  hostPath: hostPathRule,
  gitRepo: ({ directory = '', repository }, field) => [
    ...(repository ? [] : [required(`${field}.repository`)]),
    ...relativePath(`${field}.directory`, directory),
  ],
  secret: ({ defaultMode, items = [], secretName }, field) => [
    ...(secretName ? [] : [required(`${field}.secretName`)]),
    ...fileMode(`${field}.defaultMode`, defaultMode),
    ...validateKeys(items, `${field}.items`),
  ],
  persistentVolumeClaim: ({ claimName }, field) => (claimName ? [] : [required(`${field}.claimName`)]),
  downwardAPI: ({ defaultMode, items = [] }, field) => [
    ...fileMode(`${field}.defaultMode`, defaultMode),
    // Upstream names the list of a file, not the file.
    ...items.flatMap((file) => validateDownwardFile(file, field)),
  ],
  configMap: ({ defaultMode, items = [], name }, field) => [
    ...(name ? [] : [required(`${field}.name`)]),
    ...fileMode(`${field}.defaultMode`, defaultMode),
    ...validateKeys(items, `${field}.items`),
  ],
  projected: validateProjected,
  ephemeral({ volumeClaimTemplate: template }, field, { pod, volume }) {
    const causes = template
      ? validateClaimTemplate(template, `${field}.volumeClaimTemplate`)
      : [required(`${field}.volumeClaimTemplate`)];
    if (!pod || !volume) return causes;
    const claim = `${pod}-${volume}`;
    const wrong = dns1123Subdomain(claim).map((message) => `PVC name ${JSON.stringify(claim)}: ${message}`);
    const nameField = field.replace(/\.ephemeral$/, '.name');
    return [...causes, ...wrong.map((message) => invalidValue(nameField, volume, message))];
  },
  image: ({ pullPolicy, reference }, field) => [
    ...(reference ? [] : [required(`${field}.reference`)]),
    ...validatePullPolicy(pullPolicy, `${field}.pullPolicy`),
  ],
};

function validatePullPolicy(policy: string | undefined, field: string): StatusCause[] {
  const policies = ['Always', 'IfNotPresent', 'Never'];
  if (policy === undefined || policies.includes(policy)) return [];
  const supported = policies.map((name) => JSON.stringify(name)).join(', ');
  const message = `Unsupported value: ${JSON.stringify(policy)}: supported values: ${supported}`;
  return [{ reason: 'FieldValueNotSupported', field, message }];
}

const rules: SourceRules<keyof Sources> = { ...ownRules, ...driverRules };

/** In upstream's order: of several sources the first one counts, and the others are too many. */
const order: readonly (keyof Sources)[] = [
  'emptyDir',
  'hostPath',
  'gitRepo',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'secret',
  'nfs',
  'iscsi',
  'glusterfs',
  'flocker',
  'persistentVolumeClaim',
  'rbd',
  'cinder',
  'cephfs',
  'quobyte',
  'downwardAPI',
  'fc',
  'flexVolume',
  'configMap',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'storageos',
  'projected',
  'scaleIO',
  'csi',
  'ephemeral',
  'image',
];
/** Where upstream spells a path in its own way: inside the source, or of one source too many. */
const insideAs: Partial<Record<keyof Sources, string>> = { gcePersistentDisk: 'persistentDisk' };
const tooManyAs: Partial<Record<keyof Sources, string>> = { cephfs: 'cephFS', downwardAPI: 'downwarAPI' };

/** Asks the rules of one kind of source, if the volume has it. */
function validateSource<Kind extends keyof Sources>(
  kind: Kind,
  volume: Volume,
  { field, pod }: { field: string; pod: string | undefined },
): StatusCause[] {
  const source = (volume as Partial<Sources>)[kind]; // a volume is a name and sources
  if (!source) return [];
  return rules[kind](source as Sources[Kind], `${field}.${insideAs[kind] ?? kind}`, { volume: volume.name, pod }); // not undefined
}

function validateVolume(volume: Volume, field: string, pod: string | undefined): StatusCause[] {
  const [first, ...others] = order.filter((kind) => volume[kind] !== undefined);
  if (!first) return [required(field, 'must specify a volume type')];
  return [
    ...validateSource(first, volume, { field, pod }),
    ...others.map((kind) =>
      forbiddenField(`${field}.${tooManyAs[kind] ?? kind}`, 'may not specify more than 1 volume type'),
    ),
  ];
}

/** Upstream: ValidateVolumes. Also answers with the volumes that are all right, by name: others cannot be mounted. */
export function validateVolumes(
  volumes: readonly Volume[],
  field: string,
  pod: string | undefined,
): { causes: StatusCause[]; valid: ReadonlyMap<string, Volume> } {
  const causes: StatusCause[] = [];
  const valid = new Map<string, Volume>();
  const created = new Set(pod ? volumes.filter(({ ephemeral }) => ephemeral).map(({ name }) => `${pod}-${name}`) : []);
  for (const [index, volume] of volumes.entries()) {
    const at = `${field}[${index}]`;
    const wrong = validateVolume(volume, at, pod);
    wrong.push(...(volume.name ? invalidBy(dns1123Label, `${at}.name`, volume.name) : [required(`${at}.name`)]));
    if (valid.has(volume.name)) wrong.push(duplicate(`${at}.name`, volume.name));
    if (wrong.length === 0) valid.set(volume.name, volume);
    causes.push(...wrong);
    const claim = volume.persistentVolumeClaim?.claimName ?? '';
    if (created.has(claim)) {
      const rule = 'must not reference a PVC that gets created for an ephemeral volume';
      causes.push(invalidValue(`${at}.persistentVolumeClaim.claimName`, claim, rule));
    }
  }
  return { causes, valid };
}
