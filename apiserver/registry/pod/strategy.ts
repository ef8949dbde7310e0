import type { Pod } from '@skiff/api/types';
import { defineStrategy } from '../define-strategy.ts';
import type { PodSpec } from '../pod-template/defaults.ts';
import { countGeneration, keepSpec, keepStatus } from '../spec-and-status.ts';
import { defaultPod, specOf } from './defaults.ts';
import { qosClass } from './resources.ts';
import { admitServiceAccount } from './service-account.ts';
import { admitTolerations } from './tolerations.ts';

const finished = new Set(['Succeeded', 'Failed']);

/** Without priority classes every Pod has the same priority (upstream: the Priority admission plugin). Mutates. */
function admitPriority(spec: PodSpec, old: PodSpec | undefined): void {
  spec.priority ??= old?.priority ?? 0;
  spec.preemptionPolicy ??= old?.preemptionPolicy ?? 'PreemptLowerPriority';
}

/** Upstream: pkg/registry/core/pod/strategy.go, and the admission plugins that touch Pods. */
export const podStrategy = defineStrategy<Pod>({
  deleteReturnsObject: true,
  admit(object, old, context) {
    const spec = specOf(object);
    if (context.subresource !== '') return;
    if (!old) admitServiceAccount({ ...object, spec }, context);
    admitTolerations(spec);
    admitPriority(spec, old?.spec);
  },
  default: defaultPod,
  prepareForCreate(object) {
    object.metadata.generation = 1;
    object.status = { phase: 'Pending', qosClass: qosClass(specOf(object)) };
  },
  prepareForUpdate(object, old, { subresource }) {
    if (subresource === 'status') {
      keepSpec(object, old);
      if (old.metadata.ownerReferences) object.metadata.ownerReferences = old.metadata.ownerReferences;
      else delete object.metadata.ownerReferences;
      object.status = { ...object.status, qosClass: old.status?.qosClass ?? qosClass(specOf(object)) };
    } else if (subresource === '') {
      keepStatus(object, old);
      countGeneration(object, old);
    }
  },
  gracePeriodSeconds({ spec, status }, asked) {
    if (!spec?.nodeName || finished.has(status?.phase ?? '')) return 0;
    const period = asked ?? spec.terminationGracePeriodSeconds ?? 0;
    return period < 0 ? 1 : period;
  },
  fields: {
    'spec.nodeName': ({ spec }) => spec?.nodeName ?? '',
    'spec.restartPolicy': ({ spec }) => spec?.restartPolicy ?? '',
    'spec.schedulerName': ({ spec }) => spec?.schedulerName ?? '',
    'spec.serviceAccountName': ({ spec }) => spec?.serviceAccountName ?? '',
    'spec.hostNetwork': ({ spec }) => String(spec?.hostNetwork ?? false),
    'status.phase': ({ status }) => status?.phase ?? '',
    'status.podIP': ({ status }) => status?.podIP ?? '',
    'status.nominatedNodeName': ({ status }) => status?.nominatedNodeName ?? '',
  },
});
