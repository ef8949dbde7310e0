import { forbiddenField, invalidBy, invalidValue, nonNegative, required, tooLongValue } from '@skiff/api/causes';
import { type Kind, kindAt } from '@skiff/api/kinds';
import type { KubeObject } from '@skiff/api/meta';
import { asPrefix, qualifiedName } from '@skiff/api/names';
import { validateLabels } from '@skiff/api/selectors/label-selector-rules';
import type { StatusCause } from '@skiff/api/status';
import type { Strategy } from './strategy.ts';

/** As kube-apiserver: all annotations of an object together. */
const maxAnnotationBytes = 256 * 1024;

/** Finalizers without a domain: only Kubernetes' own. */
const standardFinalizers = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

/** What an update has no say in of an object's metadata stays as it was (upstream: BeforeUpdate). Mutates `object` only. */
export function checkUpdatedMetadata(object: KubeObject, old: KubeObject): void {
  const { metadata } = object;
  const kept = old.metadata;
  for (const field of ['uid', 'creationTimestamp', 'generation'] as const) {
    if (kept[field] === undefined) delete metadata[field];
    else Object.assign(metadata, { [field]: kept[field] });
  }
  // Once set they stay; that nobody but a delete sets them is for validation to say.
  if (kept.deletionTimestamp) metadata.deletionTimestamp = kept.deletionTimestamp;
  const { deletionGracePeriodSeconds } = kept;
  if (deletionGracePeriodSeconds !== undefined) metadata.deletionGracePeriodSeconds ??= deletionGracePeriodSeconds;
  delete metadata.selfLink;
}

/**
 * The rules of metadata that are the same for all kinds (upstream: apimachinery/pkg/api/validation/objectmeta.go); what a
 * kind's objects may be called is its `nameRule`.
 */
export function validateMetadata(
  kind: Kind,
  object: KubeObject,
  old: KubeObject | undefined,
  { nameRule, ownFinalizers = false }: Pick<Strategy, 'nameRule' | 'ownFinalizers'>,
): StatusCause[] {
  const { metadata } = object;
  const causes: StatusCause[] = [];
  if (!metadata.name) causes.push(required('metadata.name', 'name or generateName is required'));
  if (nameRule && !old) causes.push(...names(metadata, nameRule));
  if (kind.namespaced && !metadata.namespace) causes.push(required('metadata.namespace'));
  const parts = [
    ...validateLabels(metadata.labels, 'metadata.labels'),
    ...validateAnnotations(metadata.annotations ?? {}, 'metadata.annotations'),
    ...owners(metadata.ownerReferences ?? []),
  ];
  const given = metadata.finalizers ?? [];
  const malformed = malformedFinalizers(given);
  const unknown = ownFinalizers
    ? []
    : given.flatMap((name, index) => unknownFinalizer(name, `metadata.finalizers[${index}]`));
  const negative = nonNegative('metadata.generation', metadata.generation);
  if (!old) return [...causes, ...parts, ...malformed, ...unknown, ...negative];
  const isBuiltIn = kindAt(kind.group, kind.version, kind.plural) !== undefined;
  const { change, whole } = { ...inUpdates, ...(isBuiltIn && updatesOf[kind.kind]) };
  const changes = [
    ...deletionSet(object, old),
    ...(old.metadata.deletionTimestamp ? addedFinalizers(object, old) : []),
  ];
  return [
    ...causes,
    ...times(2 + change + whole, parts),
    ...times(1 + whole, malformed),
    ...times(change + whole, unknown),
    ...negative,
    ...times(1 + change, changes),
  ];
}

const times = (count: number, causes: readonly StatusCause[]): StatusCause[] => Array(count).fill(causes).flat();

/**
 * As upstream, an update tells the same thing more than once: the rules of whole objects and those of changes run for all kinds
 * and again for each, as far as its own rules include them.
 */
const inUpdates = { change: 1, whole: 0 };
const both = { whole: 1 };
const updatesOf: Readonly<Record<string, { readonly change?: number; readonly whole?: number }>> = {
  ConfigMap: both,
  Secret: both,
  ServiceAccount: both,
  Namespace: both,
  Node: both,
  Service: both,
  Endpoints: both,
  ReplicationController: both,
  ReplicaSet: both,
  DaemonSet: both,
  Job: both,
  ControllerRevision: both,
  PersistentVolumeClaim: { whole: 2 },
  PersistentVolume: { change: 0, whole: 2 },
  StorageClass: both,
  LimitRange: { change: 0, whole: 1 },
  EndpointSlice: { change: 0, whole: 1 },
  PodDisruptionBudget: { change: 0 },
  Role: { whole: 2 },
  RoleBinding: { whole: 2 },
  ClusterRole: { whole: 2 },
  ClusterRoleBinding: { whole: 2 },
};

/** A name that is there cannot change, so rules that came after it do not trouble it. */
function names({ name, generateName }: KubeObject['metadata'], rule: (name: string) => string[]): StatusCause[] {
  const prefix = generateName ? invalidBy(asPrefix(rule), 'metadata.generateName', generateName) : [];
  return name ? [...prefix, ...invalidBy(rule, 'metadata.name', name)] : prefix;
}

/** The rules of a map of annotations; `field` is its path. */
export function validateAnnotations(given: Readonly<Record<string, string>>, field: string): StatusCause[] {
  const entries = Object.entries(given);
  const causes = entries.flatMap(([key]) =>
    qualifiedName(key.toLowerCase()).map((message) => invalidValue(field, key, message)),
  );
  const size = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  return size > maxAnnotationBytes ? [...causes, tooLongValue(field, maxAnnotationBytes)] : causes;
}

type Owners = NonNullable<KubeObject['metadata']['ownerReferences']>;

/** Whether an apiVersion names a version: `v1`, `apps/v1`. */
const isVersion = (apiVersion: string): boolean => /^[^/]+$|^[^/]*\/[^/]+$/.test(apiVersion);

function owners(given: Owners): StatusCause[] {
  // Upstream gives no indices here.
  const field = 'metadata.ownerReferences';
  const causes = given.flatMap((owner) => {
    const { apiVersion, kind, name, uid } = owner;
    const wrong: StatusCause[] = [];
    // What has not been said is undefined here.
    if (!isVersion(apiVersion ?? ''))
      wrong.push(invalidValue(`${field}.apiVersion`, apiVersion, 'version must not be empty'));
    if (!kind) wrong.push(invalidValue(`${field}.kind`, kind, 'must not be empty'));
    if (!name) wrong.push(invalidValue(`${field}.name`, name, 'must not be empty'));
    if (!uid) wrong.push(invalidValue(`${field}.uid`, uid, 'must not be empty'));
    if (apiVersion === 'v1' && kind === 'Event') {
      wrong.push(invalidValue(field, owner, '/v1, Kind=Event is disallowed from being an owner'));
    }
    return wrong;
  });
  const controllers = given.filter(({ controller }) => controller).map(({ kind, name }) => `${kind}/${name}`);
  for (const second of controllers.slice(1)) {
    const why = `Only one reference can have Controller set to true. Found "true" in references for ${controllers[0]} and ${second}`;
    causes.push(invalidValue(field, given, why));
  }
  return causes;
}

/** The rule that core kinds have of a finalizer: it has a domain, or is Kubernetes' own (upstream: ValidateFinalizerName). */
export function unknownFinalizer(name: string, field: string): StatusCause[] {
  if (name.includes('/') || standardFinalizers.has(name)) return [];
  return [invalidValue(field, name, 'name is neither a standard finalizer name nor is it fully qualified')];
}

function malformedFinalizers(given: readonly string[]): StatusCause[] {
  const field = 'metadata.finalizers';
  const malformed = given.flatMap((name) => invalidBy(qualifiedName, field, name));
  const both = given.includes('orphan') && given.includes('foregroundDeletion');
  const contradiction = both
    ? [invalidValue(field, given, 'finalizer orphan and foregroundDeletion cannot be both set')]
    : [];
  return [...malformed, ...contradiction];
}

function deletionSet({ metadata }: KubeObject, { metadata: before }: KubeObject): StatusCause[] {
  return (['deletionTimestamp', 'deletionGracePeriodSeconds'] as const)
    .filter((field) => metadata[field] !== before[field])
    .map((field) => invalidValue(`metadata.${field}`, metadata[field], 'field is immutable'));
}

function addedFinalizers({ metadata }: KubeObject, old: KubeObject): StatusCause[] {
  const before = new Set(old.metadata.finalizers ?? []);
  const added = (metadata.finalizers ?? []).filter((name) => !before.has(name));
  if (added.length === 0) return [];
  const found = added.map((name) => `"${name}"`).join(', ');
  const why = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${found}}`;
  return [forbiddenField('metadata.finalizers', why)];
}
