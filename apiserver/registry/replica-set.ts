import { isDeepStrictEqual } from 'node:util';
import { invalidValue, nonNegative } from '@skiff/api/causes';
import type { StatusCause } from '@skiff/api/status';
import type { ReplicaSet } from '@skiff/api/types';
import { defineStrategy } from './define-strategy.ts';
import { defaultPodTemplate } from './pod-template/defaults.ts';
import { validateSelectedTemplate } from './pod-template/selected-template-validation.ts';
import { isNews, nameWarnings, templateWarnings } from './pod-template/warnings.ts';
import { validateCounts } from './replica-counts.ts';
import { countGeneration, keepSpec, keepStatus } from './spec-and-status.ts';

type Spec = NonNullable<ReplicaSet['spec']>;

const parts = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'];
const counts = { all: ['replicas', ...parts, 'terminatingReplicas', 'observedGeneration'], parts };

/** Upstream: ValidateReplicaSetSpec in pkg/apis/apps/validation. */
const validateSpec = (spec: Spec): StatusCause[] => [
  ...nonNegative('spec.replicas', spec.replicas),
  ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
  ...validateSelectedTemplate(spec, 'spec', { owner: 'ReplicaSet', emptySelector: 'deployment' }),
];

/** Upstream: pkg/registry/apps/replicaset/strategy.go. */
export const replicaSetStrategy = defineStrategy<ReplicaSet>({
  default(object) {
    object.spec ??= {} as Spec; // what is missing is for validation to report
    object.spec.replicas ??= 1;
    object.spec.template ??= {};
    defaultPodTemplate(object.spec.template);
  },
  prepareForCreate(object) {
    object.status = { replicas: 0 };
    object.metadata.generation = 1;
  },
  prepareForUpdate(object, old, { subresource }) {
    if (subresource === 'status') return keepSpec(object, old);
    keepStatus(object, old);
    countGeneration(object, old);
  },
  validate: ({ spec, status }, { subresource }) =>
    subresource === 'status' ? validateCounts(status ?? {}, counts) : validateSpec(spec ?? ({} as Spec)), // reports what is missing
  validateUpdate(object, old, { subresource }) {
    if (subresource === 'status') return [];
    const [selector, before] = [object.spec?.selector, old.spec?.selector];
    return isDeepStrictEqual(selector, before) ? [] : [invalidValue('spec.selector', selector, 'field is immutable')];
  },
  warnings: (object, old) => [
    ...(old ? [] : nameWarnings(object.metadata.name)),
    ...(isNews(object, old) ? templateWarnings(object.spec?.template ?? {}, 'spec.template') : []),
  ],
});
