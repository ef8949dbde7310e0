import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { podFolders } from '../config.ts';
import type { PodInterface } from '../network/pod-network.ts';
import type { Mount } from '../runtime/runtime.ts';
import { hostsFile, kernelHostname } from './hosts-file.ts';
import type { NodeServices } from './node-services.ts';
import { resolvConf } from './resolv-conf.ts';
import type { NodePod } from './types.ts';

/** A Pod's ground: what its containers share. */
export interface PodSandboxState {
  readonly id: string;
  readonly ip: string;
  /** /etc/hosts and its like. */
  readonly files: readonly Mount[];
}

/** Makes a Pod's network and sandbox, or finds them as they are. May be repeated. */
export async function setUpSandbox(node: NodeServices, pod: NodePod): Promise<PodSandboxState> {
  const { uid, namespace, name } = pod.metadata;
  for (const field of ['hostPID', 'hostIPC'] as const)
    if (pod.spec[field] === true && node.config.network === 'own')
      throw new Error(`${field} is refused on this node: Pods see neither the host's processes nor each other's`);
  const { ip, networkNamespace } = await networkOf(node, pod);
  const sandbox = await node.runtime.runPodSandbox({
    id: uid,
    podUid: uid,
    namespace,
    name,
    hostname: kernelHostname(pod, node.config),
    ...(networkNamespace && { networkNamespace }),
    ...(pod.spec.shareProcessNamespace && { shareProcessNamespace: true }),
  });
  return { id: sandbox.id, ip, files: writeFiles(node, pod, ip) };
}

/** Kills what runs in it and removes it with its network. May be repeated; succeeds where there is nothing. */
export async function tearDownSandbox(node: Pick<NodeServices, 'runtime' | 'podNetwork'>, uid: string): Promise<void> {
  await node.runtime.removePodSandbox(uid);
  await node.podNetwork.tearDown(uid);
}

async function networkOf(
  { config, podNetwork }: NodeServices,
  pod: NodePod,
): Promise<Pick<PodInterface, 'ip' | 'networkNamespace'>> {
  if (pod.spec.hostNetwork !== true) return podNetwork.setUp(pod.metadata.uid);
  const { nodeIP: ip, nodeName, network } = config;
  return network === 'own' ? { ip, networkNamespace: nodeNamespace(nodeName) } : { ip };
}

/** The cluster's own name for it outlives this process. */
function nodeNamespace(nodeName: string): string {
  const path = `/run/netns/${nodeName}`;
  return existsSync(path) ? path : `/proc/${process.pid}/ns/net`;
}

function writeFiles({ config }: NodeServices, pod: NodePod, ip: string): Mount[] {
  const { clusterDNS, clusterDomain } = config;
  const folder = join(podFolders.state(config, pod.metadata.uid), 'etc');
  const host = read(config.resolvConf);
  const texts = {
    hosts: hostsFile(pod, { podIP: ip, clusterDomain, nodeName: config.nodeName }),
    hostname: `${kernelHostname(pod, config)}\n`,
    'resolv.conf': resolvConf(
      { spec: pod.spec, namespace: pod.metadata.namespace },
      { clusterDNS, clusterDomain, host },
    ),
  };
  mkdirSync(folder, { recursive: true });
  return Object.entries(texts).map(([name, text]) => {
    const source = join(folder, name);
    writeFileSync(source, text, { mode: 0o644 });
    return { source, target: `/etc/${name}` };
  });
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
