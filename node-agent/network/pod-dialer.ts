import type { Socket } from 'node:net';
import type { NodePod } from '../pods/types.ts';
import { dial, isRefused } from './dial.ts';
import { dialInside } from './dial-inside.ts';
import type { PodNetwork } from './pod-network.ts';

/**
 * Connects to a port of a Pod: by its address, and where nobody listens there, by the Pod's own loopback where it has one, as a program may listen on
 * localhost alone. (A kubelet asks loopback first; here that costs a process.)
 */
export async function dialPod(network: Pick<PodNetwork, 'list'>, pod: NodePod, port: number): Promise<Socket> {
  if (pod.spec.hostNetwork === true) return dial({ host: '127.0.0.1', port });
  const own = (await network.list()).find(({ sandboxId }) => sandboxId === pod.metadata.uid);
  if (own === undefined) throw new Error('the Pod has no network');
  try {
    return await dial({ host: own.ip, port });
  } catch (error) {
    if (!isRefused(error) || own.networkNamespace === undefined) throw error;
  }
  return dialInside(own.networkNamespace, port);
}
