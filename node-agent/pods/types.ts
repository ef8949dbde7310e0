import type {
  V1Container,
  V1ContainerStatus,
  V1EnvVarSource,
  V1EphemeralContainer,
  V1LifecycleHandler,
  V1PodCondition,
  V1PodSpec,
  V1PodStatus,
  V1Probe,
  V1Volume,
} from '@kubernetes/client-node';
import type { Wire } from '@skiff/api/meta';
import type { Pod } from '@skiff/api/types';

export type Container = Wire<V1Container>;
export type ContainerStatus = Wire<V1ContainerStatus>;
export type EphemeralContainer = Wire<V1EphemeralContainer>;
export type EnvVarSource = Wire<V1EnvVarSource>;
export type LifecycleHandler = Wire<V1LifecycleHandler>;
export type PodCondition = Wire<V1PodCondition>;
export type PodSpec = Wire<V1PodSpec>;
export type PodStatus = Wire<V1PodStatus>;
export type Probe = Wire<V1Probe>;
export type Volume = Wire<V1Volume>;

/** A Pod that has a spec, a uid and a namespace, as all have that come from an API server. */
export interface NodePod extends Omit<Pod, 'metadata' | 'spec'> {
  metadata: Pod['metadata'] & { uid: string; namespace: string };
  spec: PodSpec;
}

/** Undefined where the object is not complete, which only a broken server gives. */
export function asNodePod(pod: Pod): NodePod | undefined {
  const { uid, namespace } = pod.metadata;
  // All three are there: checked here.
  return uid && namespace && pod.spec ? (pod as NodePod) : undefined;
}

/** An init container that runs beside the others: it is restarted always, and waited for only until it has started. */
export function isSidecar(container: Container): boolean {
  return container.restartPolicy === 'Always';
}

/** All containers of a Pod: those for debugging, which were added later, last. */
export function allContainers({ initContainers = [], containers, ephemeralContainers = [] }: PodSpec): Container[] {
  return [...initContainers, ...containers, ...ephemeralContainers];
}

/** As the kubelet writes a Pod in messages: `name_namespace(uid)`. */
export function describePod({ metadata: { name, namespace, uid } }: NodePod): string {
  return `${name}_${namespace}(${uid})`;
}
