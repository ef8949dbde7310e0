import type { EventSubject } from '@skiff/client/events';
import type { Container, NodePod } from './types.ts';

/** One container as what an Event is about: its Pod, and where in the Pod's spec it is. */
export function aboutContainer(pod: NodePod, { name }: Pick<Container, 'name'>): EventSubject {
  const { initContainers = [], ephemeralContainers = [] } = pod.spec;
  const list = initContainers.some((one) => one.name === name)
    ? 'initContainers'
    : ephemeralContainers.some((one) => one.name === name)
      ? 'ephemeralContainers'
      : 'containers';
  return { ...pod, fieldPath: `spec.${list}{${name}}` };
}
