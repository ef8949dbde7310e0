import { join } from 'node:path';
import { type AgentConfig, podFolders } from '../config.ts';
import type { NodePod } from './types.ts';

/** Where a container's output goes: as in /var/log/pods. */
export function logPath(config: AgentConfig, pod: NodePod, at: { container: string; attempt: number }): string {
  return join(podFolders.logs(config, pod.metadata), at.container, `${at.attempt}.log`);
}
