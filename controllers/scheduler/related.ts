import type { Pod, Service } from '@skiff/api/types';
import { controllerOf } from '../ownership.ts';
import { selectsEndpoints } from '../service-selector.ts';

/** Tells which Pods do the same work as this one: those of its controller, and those behind a Service that selects it. */
export function relatedTo(pod: Pod, services: readonly Service[]): (other: Pod) => boolean {
  const { namespace, labels, uid } = pod.metadata;
  const owner = controllerOf(pod)?.uid;
  const selectors = services.map(({ spec }) => spec?.selector).filter((selector) => selectsEndpoints(selector, labels));
  return (other) =>
    other.metadata.namespace === namespace &&
    other.metadata.uid !== uid &&
    ((owner !== undefined && controllerOf(other)?.uid === owner) ||
      selectors.some((selector) => selectsEndpoints(selector, other.metadata.labels)));
}
