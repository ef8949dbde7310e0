import type { ReplicaSet } from '@skiff/api/types';
import { defineStrategy } from './define-strategy.ts';
import { defaultPodTemplate } from './pod-template/defaults.ts';
import { countGeneration, keepSpec, keepStatus } from './spec-and-status.ts';

/** Upstream: pkg/registry/apps/replicaset/strategy.go. */
export const replicaSetStrategy = defineStrategy<ReplicaSet>({
  default(object) {
    object.spec ??= {} as NonNullable<ReplicaSet['spec']>; // what is missing is for validation to report
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
});
