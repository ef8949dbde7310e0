import type { Job, Pod } from '@skiff/api/types';
import type { New } from '@skiff/client/resource';
import { controllerReference } from '../ownership.ts';
import { failuresKey, indexKey, trackingFinalizer } from './job-pods.ts';
import type { WantedPod } from './plan.ts';

type Spec = NonNullable<Pod['spec']>;
type Container = Spec['containers'][number];

/** Tells programs the index that they are to work on. */
const indexVariable = 'JOB_COMPLETION_INDEX';

function withIndex(container: Container): Container {
  if (container.env?.some(({ name }) => name === indexVariable)) return container;
  const fieldRef = { fieldPath: `metadata.labels['${indexKey}']` };
  return { ...container, env: [...(container.env ?? []), { name: indexVariable, valueFrom: { fieldRef } }] };
}

function indexedSpec(spec: Spec, hostname: string): Spec {
  return {
    ...spec,
    containers: spec.containers.map(withIndex),
    ...(spec.initContainers && { initContainers: spec.initContainers.map(withIndex) }),
    hostname: spec.hostname ?? hostname,
  };
}

/** A Pod of a Job, held by the finalizer that lasts until it is counted. */
export function newPod(job: Job, { index, failures = 0 }: WantedPod): New<Pod> {
  const { namespace, name } = job.metadata;
  const { labels, annotations, finalizers = [] } = job.spec?.template.metadata ?? {};
  const spec = job.spec?.template.spec ?? { containers: [] };
  const base = index === undefined ? name : `${name}-${index}`;
  const numbered = index === undefined ? undefined : { [indexKey]: String(index) };
  const failed = job.spec?.backoffLimitPerIndex === undefined ? undefined : { [failuresKey]: String(failures) };
  return {
    metadata: {
      generateName: `${base}-`,
      ...(namespace && { namespace }),
      labels: { ...labels, ...numbered },
      ...((annotations || numbered) && { annotations: { ...annotations, ...numbered, ...failed } }),
      finalizers: [...finalizers, trackingFinalizer],
      ownerReferences: [controllerReference(job)],
    },
    spec: index === undefined ? spec : indexedSpec(spec, base),
  };
}
