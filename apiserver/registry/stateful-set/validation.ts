import { isDeepStrictEqual } from 'node:util';
import { forbiddenField, invalidBy, invalidValue, nonNegative, optionalOneOf, required } from '@skiff/api/causes';
import { dns1123Label } from '@skiff/api/names';
import type { StatusCause } from '@skiff/api/status';
import type { StatefulSet } from '@skiff/api/types';
import { isZero, validateShare } from '../int-or-percent.ts';
import { validateClaimSpec } from '../pod-template/claim-template-validation.ts';
import type { PodTemplate } from '../pod-template/defaults.ts';
import { validateSelectedTemplate } from '../pod-template/selected-template-validation.ts';
import { validateCounts } from '../replica-counts.ts';

type Spec = NonNullable<StatefulSet['spec']>;

/** What may change; everything else stays as it was made. */
const mutable: readonly (keyof Spec)[] = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

function validateUpdateStrategy(strategy: NonNullable<Spec['updateStrategy']>): StatusCause[] {
  const field = 'spec.updateStrategy';
  const { type, rollingUpdate } = strategy;
  if (!type) return [required(field)];
  if (type === 'OnDelete') {
    const rule = "only allowed for updateStrategy 'RollingUpdate'";
    return rollingUpdate ? [invalidValue(`${field}.rollingUpdate`, rollingUpdate, rule)] : [];
  }
  if (type !== 'RollingUpdate') return [invalidValue(field, strategy, "must be 'RollingUpdate' or 'OnDelete'")];
  const { partition, maxUnavailable } = rollingUpdate ?? {};
  const path = `${field}.rollingUpdate.maxUnavailable`;
  const none = maxUnavailable !== undefined && isZero(maxUnavailable);
  return [
    ...nonNegative(`${field}.rollingUpdate.partition`, partition),
    ...validateShare(maxUnavailable, path),
    ...(none ? [invalidValue(path, maxUnavailable, 'cannot be 0')] : []),
  ];
}

function validateManagement(policy: string | undefined): StatusCause[] {
  const field = 'spec.podManagementPolicy';
  if (!policy) return [required(field)];
  if (policy === 'OrderedReady' || policy === 'Parallel') return [];
  return [invalidValue(field, policy, "must be 'OrderedReady' or 'Parallel'")];
}

function validateRetention({ persistentVolumeClaimRetentionPolicy: policy }: Spec): StatusCause[] {
  const field = 'spec.persistentVolumeClaimRetentionPolicy';
  const policies = ['Retain', 'Delete'];
  return [
    ...optionalOneOf(`${field}.whenDeleted`, policy?.whenDeleted, policies),
    ...optionalOneOf(`${field}.whenScaled`, policy?.whenScaled, policies),
  ];
}

/** The template as Pods get it: with a volume for each claim, in place of its own of that name. */
function withClaims({ template, volumeClaimTemplates = [] }: Spec): PodTemplate {
  if (!template?.spec) return template ?? {};
  const claims = volumeClaimTemplates.map(({ metadata }) => metadata?.name ?? '');
  const volumes = (template.spec.volumes ?? []).filter(({ name }) => !claims.includes(name));
  const claimed = claims.map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
  return { ...template, spec: { ...template.spec, volumes: [...volumes, ...claimed] } };
}

/** Upstream: ValidateStatefulSetSpec. */
export function validateStatefulSet({ spec }: StatefulSet): StatusCause[] {
  if (!spec) return [required('spec')];
  return [
    ...validateManagement(spec.podManagementPolicy),
    ...validateUpdateStrategy(spec.updateStrategy ?? {}),
    ...validateRetention(spec),
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...nonNegative('spec.ordinals.start', spec.ordinals?.start),
    ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
    ...validateSelectedTemplate({ ...spec, template: withClaims(spec) }, 'spec', {
      owner: 'StatefulSet',
      emptySelector: 'statefulset',
    }),
    ...(spec.serviceName ? invalidBy(dns1123Label, 'spec.serviceName', spec.serviceName) : []),
    ...(spec.volumeClaimTemplates ?? []).flatMap((claim, index) =>
      validateClaimSpec(claim.spec ?? {}, `spec.volumeClaimTemplates[${index}].spec`),
    ),
  ];
}

/** Upstream: ValidateStatefulSetUpdate. */
export function validateStatefulSetUpdate({ spec }: StatefulSet, old: StatefulSet): StatusCause[] {
  const fixed = (one: Spec | undefined): unknown =>
    Object.fromEntries(Object.entries(one ?? {}).filter(([name]) => !mutable.some((field) => field === name)));
  if (isDeepStrictEqual(fixed(spec), fixed(old.spec))) return [];
  const names = `${mutable
    .slice(0, -1)
    .map((name) => `'${name}'`)
    .join(', ')} and '${mutable.at(-1)}'`;
  return [forbiddenField('spec', `updates to statefulset spec for fields other than ${names} are forbidden`)];
}

const parts = ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'];
const counts = { all: ['replicas', ...parts, 'observedGeneration', 'collisionCount'], parts };

/** Upstream: ValidateStatefulSetStatus. */
export const validateStatefulSetStatus = ({ status }: StatefulSet): StatusCause[] =>
  validateCounts(status ?? {}, counts);
