import type { Node } from '@skiff/api/types';
import type { AgentConfig } from '../config.ts';
import type { Machine } from './machine.ts';

/** The most Pods that a node takes, as with the kubelet. */
export const MAX_PODS = 110;
export const KUBELET_VERSION = 'v1.36.0+skiff';

type NodeStatus = NonNullable<Node['status']>;

/** The labels that the kubelet gives its own node ("Well-Known Labels, Annotations and Taints"). */
export function nodeLabels(nodeName: string, machine: Machine): Record<string, string> {
  return {
    'beta.kubernetes.io/arch': machine.architecture,
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': machine.architecture,
    'kubernetes.io/hostname': nodeName,
    'kubernetes.io/os': 'linux',
  };
}

/** All of a Node's status but its conditions. */
export function nodeStatus(
  config: Pick<AgentConfig, 'nodeName' | 'nodeIP'>,
  machine: Machine,
  runtimeVersion: string,
): NodeStatus {
  const resources = {
    cpu: String(machine.cpus),
    'ephemeral-storage': `${machine.diskKiB}Ki`,
    memory: `${machine.memoryKiB}Ki`,
    pods: String(MAX_PODS),
  };
  return {
    addresses: [
      { type: 'InternalIP', address: config.nodeIP },
      { type: 'Hostname', address: config.nodeName },
    ],
    capacity: resources,
    allocatable: resources,
    nodeInfo: {
      architecture: machine.architecture,
      bootID: machine.bootID,
      containerRuntimeVersion: runtimeVersion,
      kernelVersion: machine.kernelVersion,
      kubeProxyVersion: '',
      kubeletVersion: KUBELET_VERSION,
      machineID: machine.machineID,
      operatingSystem: 'linux',
      osImage: machine.osImage,
      systemUUID: machine.machineID,
    },
  };
}
