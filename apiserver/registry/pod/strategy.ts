import type { Pod } from '@skiff/api/types';
import { defineStrategy } from '../define-strategy.ts';
import { nameWarnings, templateWarnings } from '../pod-template/warnings.ts';
import { countGeneration, keepSpec, keepStatus } from '../spec-and-status.ts';
import { defaultPod, specOf } from './defaults.ts';
import { keepButEphemeralContainers, validateEphemeralContainersUpdate } from './ephemeral-containers-validation.ts';
import { mergeLabelKeys } from './match-label-keys.ts';
import { admitPriority } from './priority.ts';
import { keepButResources, validateResize } from './resize-validation.ts';
import { qosClass } from './resources.ts';
import { admitRuntimeClass } from './runtime-class.ts';
import { admitServiceAccount } from './service-account.ts';
import { validatePodStatus } from './status-validation.ts';
import { admitTolerations } from './tolerations.ts';
import { validatePodUpdate } from './update-validation.ts';
import { validateNewPod, validatePod } from './validation.ts';

const finished = new Set(['Succeeded', 'Failed']);

/** What a write of the spec goes to; others leave the spec alone or are no user's. */
const specWriters = new Set(['', 'resize', 'ephemeralcontainers']);

type Condition = NonNullable<NonNullable<Pod['status']>['conditions']>[number];

/** Of a Pod that waits for somebody to open its gates. */
const gated = {
  type: 'PodScheduled',
  status: 'False',
  reason: 'SchedulingGated',
  message: 'Scheduling is blocked due to non-empty scheduling gates',
} as Condition; // times are null until somebody sets them

/** Upstream: pkg/registry/core/pod/strategy.go, and the admission plugins that touch Pods. */
export const podStrategy = defineStrategy<Pod>({
  deleteReturnsObject: true,
  admit(object, old, context) {
    const spec = specOf(object);
    if (context.subresource !== '') return;
    if (!old) admitServiceAccount({ ...object, spec }, context);
    admitTolerations(spec);
    admitPriority({ ...object, spec }, old, context);
    if (!old) admitRuntimeClass({ ...object, spec }, context);
  },
  default: defaultPod,
  prepareForCreate(object) {
    object.metadata.generation = 1;
    object.status = { phase: 'Pending', qosClass: qosClass(specOf(object)) };
    if (specOf(object).schedulingGates?.length) object.status.conditions = [{ ...gated }];
    mergeLabelKeys(object);
  },
  prepareForUpdate(object, old, { subresource }) {
    if (subresource === 'status') {
      keepSpec(object, old);
      if (old.metadata.ownerReferences) object.metadata.ownerReferences = old.metadata.ownerReferences;
      else delete object.metadata.ownerReferences;
      object.status = { ...object.status, qosClass: old.status?.qosClass ?? qosClass(specOf(object)) };
      return;
    }
    if (subresource === '') keepStatus(object, old);
    else if (subresource === 'resize') keepButResources(object, old);
    else if (subresource === 'ephemeralcontainers') keepButEphemeralContainers(object, old);
    if (subresource !== 'binding') countGeneration(object, old);
  },
  validate: (object, { subresource }) => (specWriters.has(subresource) ? validatePod(object) : []),
  validateCreate: validateNewPod,
  validateUpdate(object, old, { subresource }) {
    switch (subresource) {
      case '':
        return validatePodUpdate(object, old);
      case 'status':
        return validatePodStatus(object, old);
      case 'resize':
        return validateResize(object, old);
      case 'ephemeralcontainers':
        return validateEphemeralContainersUpdate(object, old);
      default:
        return [];
    }
  },
  /** Whoever changes a Pod is no human who would read them. */
  warnings: (pod, old) =>
    old ? [] : [...nameWarnings(pod.metadata.name, "is used in the Pod's hostname"), ...templateWarnings(pod, '')],
  gracePeriodSeconds({ spec, status }, asked) {
    if (!spec?.nodeName || finished.has(status?.phase ?? '')) return 0;
    const period = asked ?? spec.terminationGracePeriodSeconds ?? 0;
    return period < 0 ? 1 : period;
  },
  fields: {
    'spec.nodeName': ({ spec }) => spec?.nodeName ?? '',
    // The old name of the same.
    'spec.host': ({ spec }) => spec?.nodeName ?? '',
    'spec.restartPolicy': ({ spec }) => spec?.restartPolicy ?? '',
    'spec.schedulerName': ({ spec }) => spec?.schedulerName ?? '',
    'spec.serviceAccountName': ({ spec }) => spec?.serviceAccountName ?? '',
    'spec.hostNetwork': ({ spec }) => String(spec?.hostNetwork ?? false),
    'status.phase': ({ status }) => status?.phase ?? '',
    'status.podIP': ({ status }) => status?.podIP ?? '',
    // A name that upstream takes in a selector and has no value for, whatever the Pod's addresses (pkg/registry/core/pod/strategy.go).
    'status.podIPs': () => '',
    'status.nominatedNodeName': ({ status }) => status?.nominatedNodeName ?? '',
  },
});
