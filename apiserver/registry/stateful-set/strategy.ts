import type { StatefulSet } from '@skiff/api/types';
import { defineStrategy } from '../define-strategy.ts';
import { claimWarnings } from '../pod-template/claim-template-validation.ts';
import { defaultPodTemplate } from '../pod-template/defaults.ts';
import { isNews, templateWarnings } from '../pod-template/warnings.ts';
import { specAndStatus } from '../spec-and-status.ts';
import { validateCollisions } from '../workloads/status.ts';
import { validateStatefulSet, validateStatefulSetStatus, validateStatefulSetUpdate } from './validation.ts';

function setDefaults(set: StatefulSet): void {
  set.spec ??= {} as NonNullable<StatefulSet['spec']>; // what is missing is for validation to report
  const { spec } = set;
  spec.podManagementPolicy ||= 'OrderedReady';
  spec.updateStrategy ??= {};
  spec.updateStrategy.type ||= 'RollingUpdate';
  if (spec.updateStrategy.type === 'RollingUpdate') {
    spec.updateStrategy.rollingUpdate ??= {};
    spec.updateStrategy.rollingUpdate.partition ??= 0;
  }
  const retention = spec.persistentVolumeClaimRetentionPolicy;
  spec.persistentVolumeClaimRetentionPolicy = {
    whenDeleted: retention?.whenDeleted || 'Retain',
    whenScaled: retention?.whenScaled || 'Retain',
  };
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
  spec.template ??= {};
  defaultPodTemplate(spec.template);
  for (const claim of spec.volumeClaimTemplates ?? []) {
    claim.apiVersion = 'v1';
    claim.kind = 'PersistentVolumeClaim';
    claim.spec ??= {};
    claim.spec.volumeMode ??= 'Filesystem';
    claim.status = { ...claim.status, phase: claim.status?.phase || 'Pending' };
  }
}

/** Upstream: pkg/registry/apps/statefulset/strategy.go. */
export const statefulSetStrategy = defineStrategy<StatefulSet>({
  ...specAndStatus(),
  default: setDefaults,
  validate: (set, { subresource }) =>
    subresource === 'status' ? validateStatefulSetStatus(set) : validateStatefulSet(set),
  validateUpdate: (set, old, { subresource }) =>
    subresource === 'status' ? validateCollisions(set.status, old.status) : validateStatefulSetUpdate(set, old),
  warnings(set, old, { subresource }) {
    const { template = {}, volumeClaimTemplates: claims = [] } = set.spec ?? {};
    const ofPods = isNews(set, old) ? templateWarnings(template, 'spec.template') : [];
    if (subresource === 'status') return ofPods;
    const field = 'spec.volumeClaimTemplates';
    return [...ofPods, ...claims.flatMap(({ spec = {} }, index) => claimWarnings(spec, `${field}[${index}]`))];
  },
});
