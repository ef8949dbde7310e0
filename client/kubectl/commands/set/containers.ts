import type { V1Container } from '@kubernetes/client-node';
import type { KubeObject, Wire } from '@skiff/api/meta';

export type Container = Wire<V1Container>;

interface PodSpec {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
}

/** The Pod spec within an object, and the path to it: a Pod's own, a template's, a CronJob's template's. */
export function podSpecOf(object: KubeObject): { spec: PodSpec; wrap: (spec: object) => object } | undefined {
  // Whatever the kind: looked at with care.
  const { spec } = object as {
    spec?: PodSpec & { template?: { spec?: PodSpec }; jobTemplate?: { spec?: { template?: { spec?: PodSpec } } } };
  };
  if (object.kind === 'Pod') return { spec: spec ?? {}, wrap: (inner) => ({ spec: inner }) };
  if (spec?.template?.spec)
    return { spec: spec.template.spec, wrap: (inner) => ({ spec: { template: { spec: inner } } }) };
  const job = spec?.jobTemplate?.spec?.template?.spec;
  return job && { spec: job, wrap: (inner) => ({ spec: { jobTemplate: { spec: { template: { spec: inner } } } } }) };
}
