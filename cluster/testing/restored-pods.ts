import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Client } from '@skiff/client/client';
import type { AgentConfig } from '@skiff/node-agent/config';
import { logPath } from '@skiff/node-agent/pods/log-path';
import { asNodePod, type ContainerStatus, type NodePod } from '@skiff/node-agent/pods/types';
import type { FakeRuntime } from '@skiff/node-agent/runtime/fake';
import { simulatedImage } from './simulated-image.ts';

/** Has a node run what its Pods say that it runs, with their addresses: the cluster was started from the snapshot of another. */
export async function restorePods(client: Client, { config, runtime }: { config: AgentConfig; runtime: FakeRuntime }) {
  const { items } = await client.resource('Pod').list({ fieldSelector: `spec.nodeName=${config.nodeName}` });
  const pods = items.flatMap((pod) => asNodePod(pod) ?? []);
  for (const pod of pods) {
    const { uid, namespace, name } = pod.metadata;
    const { containerStatuses = [], initContainerStatuses = [], startTime = '' } = pod.status ?? {};
    const running = [...initContainerStatuses, ...containerStatuses].filter(({ state }) => state?.running);
    if (running.length === 0) continue;
    runtime.restore(
      { id: uid, podUid: uid, namespace, name, state: 'ready', createdAt: startTime, networkNamespace: '' },
      running.map((status) => containerOf(pod, status, config)),
    );
  }
  saveAddresses(pods, config);
}

function containerOf(pod: NodePod, { name, restartCount, state, image }: ContainerStatus, config: AgentConfig) {
  const log = logPath(config, pod, { container: name, attempt: restartCount });
  mkdirSync(dirname(log), { recursive: true });
  writeFileSync(log, '');
  const { filesystem } = simulatedImage(image);
  return {
    startedAt: state?.running?.startedAt ?? '',
    config: { name, attempt: restartCount, image: filesystem, args: ['simulated'], env: {}, mounts: [], logPath: log },
  };
}

/** Where the node's network looks for them (node-agent/network/pod-addresses.ts). */
function saveAddresses(pods: readonly NodePod[], { stateDir }: AgentConfig): void {
  const known = pods.flatMap(({ metadata, status }) =>
    status?.podIP ? [[metadata.uid, { ip: status.podIP, ready: true }] as const] : [],
  );
  if (known.length === 0) return;
  const last = Math.max(...known.map(([, { ip }]) => Number(ip.split('.').at(-1))));
  mkdirSync(stateDir, { recursive: true });
  writeFileSync(join(stateDir, 'pod-addresses.json'), JSON.stringify({ last, allocations: Object.fromEntries(known) }));
}
