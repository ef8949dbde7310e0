import { isDeepStrictEqual } from 'node:util';
import type { DaemonSet } from '@skiff/api/types';
import { defineStrategy } from '../define-strategy.ts';
import { defaultPodTemplate } from '../pod-template/defaults.ts';
import { isNews, templateWarnings } from '../pod-template/warnings.ts';
import { countGeneration, keepSpec, keepStatus } from '../spec-and-status.ts';
import { validateCollisions } from '../workloads/status.ts';
import { validateDaemonSet, validateDaemonSetStatus, validateDaemonSetUpdate } from './validation.ts';

/** Counts the changes of the template; a field of the spec in versions of old. */
const templateGeneration = 'deprecated.daemonset.template.generation';

function setDefaults(set: DaemonSet): void {
  set.spec ??= {} as NonNullable<DaemonSet['spec']>; // what is missing is for validation to report
  const { spec } = set;
  spec.updateStrategy ??= {};
  spec.updateStrategy.type ||= 'RollingUpdate';
  if (spec.updateStrategy.type === 'RollingUpdate') {
    spec.updateStrategy.rollingUpdate ??= {};
    spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1;
    spec.updateStrategy.rollingUpdate.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= 10;
  spec.template ??= {};
  defaultPodTemplate(spec.template);
}

const generationOf = ({ metadata }: DaemonSet): number =>
  Number.parseInt(metadata.annotations?.[templateGeneration] ?? '', 10) || 0;

function setGeneration({ metadata }: DaemonSet, generation: number): void {
  metadata.annotations = { ...metadata.annotations, [templateGeneration]: String(generation) };
}

/** Upstream: pkg/registry/apps/daemonset/strategy.go. */
export const daemonSetStrategy = defineStrategy<DaemonSet>({
  default: setDefaults,
  prepareForCreate(set) {
    delete set.status;
    set.metadata.generation = 1;
    setGeneration(set, Math.max(1, generationOf(set)));
  },
  prepareForUpdate(set, old, { subresource }) {
    if (subresource === 'status') return keepSpec(set, old);
    keepStatus(set, old);
    const sameTemplate = isDeepStrictEqual(set.spec?.template, old.spec?.template);
    setGeneration(set, generationOf(old) + (sameTemplate ? 0 : 1));
    countGeneration(set, old);
  },
  validate: (set, { subresource }) =>
    subresource === 'status' ? validateDaemonSetStatus(set) : validateDaemonSet(set),
  validateUpdate: (set, old, { subresource }) =>
    subresource === 'status' ? validateCollisions(set.status, old.status) : validateDaemonSetUpdate(set, old),
  warnings: (set, old) => (isNews(set, old) ? templateWarnings(set.spec?.template ?? {}, 'spec.template') : []),
});
