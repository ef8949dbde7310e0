import { nonNegative, required } from '@skiff/api/causes';
import type { StatusCause } from '@skiff/api/status';
import type { ReplicationController } from '@skiff/api/types';
import { defineStrategy } from './define-strategy.ts';
import { defaultPodTemplate } from './pod-template/defaults.ts';
import { validateRunningTemplate } from './pod-template/validation.ts';
import { isNews, nameWarnings, templateWarnings } from './pod-template/warnings.ts';
import { validateCounts } from './replica-counts.ts';
import { specAndStatus } from './spec-and-status.ts';
import { validateSelects } from './workloads/template.ts';

function setDefaults(object: ReplicationController): void {
  object.spec ??= {};
  const { spec, metadata } = object;
  spec.replicas ??= 1;
  if (!spec.template) return;
  defaultPodTemplate(spec.template);
  const labels = spec.template.metadata?.labels;
  if (!labels) return;
  spec.selector ??= { ...labels };
  metadata.labels ??= { ...labels };
}

function validate({ spec }: ReplicationController): StatusCause[] {
  const { selector, template, replicas, minReadySeconds } = spec ?? {};
  const field = 'spec.template';
  return [
    ...nonNegative('spec.minReadySeconds', minReadySeconds),
    ...(selector ? [] : [required('spec.selector')]),
    ...nonNegative('spec.replicas', replicas),
    ...(template
      ? [
          ...validateSelects({ matchLabels: selector ?? {} }, template, field),
          ...validateRunningTemplate(template, field, 'ReplicationController'),
        ]
      : [required(field)]),
  ];
}

const parts = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'];
const counts = { all: ['replicas', ...parts, 'observedGeneration'], parts };

/** The elder sister of ReplicaSets (upstream: pkg/registry/core/replicationcontroller). */
export const replicationControllerStrategy = defineStrategy<ReplicationController>({
  ...specAndStatus(),
  orphansDependents: true,
  fields: { 'status.replicas': ({ status }) => String(status?.replicas ?? 0) },
  default: setDefaults,
  validate: (object, { subresource }) =>
    subresource === 'status' ? validateCounts(object.status ?? {}, counts) : validate(object),
  warnings: (object, old) => [
    ...(old ? [] : nameWarnings(object.metadata.name)),
    ...(isNews(object, old) ? templateWarnings(object.spec?.template ?? {}, 'spec.template') : []),
  ],
});
