import type { ObjectKey } from '@skiff/api/meta';
import { StatusError } from '@skiff/api/status';
import type { NodePod } from '../pods/types.ts';
import type { ContainerRuntime, ContainerStatus } from '../runtime/runtime.ts';

export interface NodePodsOptions {
  readonly pod: (key: ObjectKey) => NodePod | undefined;
  readonly runtime: Pick<ContainerRuntime, 'listContainers'>;
}

/** The Pods of this node, as requests name them. */
export class NodePods {
  readonly #options: NodePodsOptions;

  constructor(options: NodePodsOptions) {
    this.#options = options;
  }

  /** Throws 404. */
  pod(namespace: string, name: string): NodePod {
    const pod = this.#options.pod({ namespace, name });
    if (!pod) throw notFound(`pod "${name}" not found`);
    return pod;
  }

  /** The container that runs under this name. Rejects with 404, in the kubelet's words. */
  async running(pod: NodePod, container: string): Promise<ContainerStatus> {
    const containers = await this.#options.runtime.listContainers(pod.metadata.uid);
    const found = containers.find(({ name, state }) => name === container && state === 'running');
    if (!found) throw notFound(`container not found (${JSON.stringify(container)})`);
    return found;
  }
}

export function notFound(message: string): StatusError {
  return new StatusError({ code: 404, reason: 'NotFound', message });
}
