import { isDeepStrictEqual } from 'node:util';
import type { Deployment } from '@skiff/api/types';
import { defineStrategy } from './define-strategy.ts';
import { defaultPodTemplate } from './pod-template/defaults.ts';
import { countGeneration, keepSpec, keepStatus } from './spec-and-status.ts';

function setDefaults(deployment: Deployment): void {
  deployment.spec ??= {} as NonNullable<Deployment['spec']>; // what is missing is for validation to report
  const { spec } = deployment;
  spec.replicas ??= 1;
  spec.strategy ??= {};
  spec.strategy.type ||= 'RollingUpdate';
  if (spec.strategy.type === 'RollingUpdate') {
    spec.strategy.rollingUpdate ??= {};
    spec.strategy.rollingUpdate.maxUnavailable ??= '25%';
    spec.strategy.rollingUpdate.maxSurge ??= '25%';
  }
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
  spec.template ??= {};
  defaultPodTemplate(spec.template);
}

/** Upstream: pkg/registry/apps/deployment/strategy.go. */
export const deploymentStrategy = defineStrategy<Deployment>({
  default: setDefaults,
  prepareForCreate(object) {
    delete object.status;
    object.metadata.generation = 1;
  },
  prepareForUpdate(object, old, { subresource }) {
    if (subresource === 'status') {
      keepSpec(object, old);
      if (old.metadata.labels) object.metadata.labels = { ...old.metadata.labels };
      else delete object.metadata.labels;
      return;
    }
    keepStatus(object, old);
    // Annotations count, because they are copied to the ReplicaSets.
    const annotated = !isDeepStrictEqual(object.metadata.annotations ?? {}, old.metadata.annotations ?? {});
    countGeneration(object, old, annotated || undefined);
  },
});
