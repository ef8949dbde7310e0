import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type AgentConfig, podFolders } from '../config.ts';
import type { NodePod } from './types.ts';

/** Where a container's output goes: as in /var/log/pods. */
export function logPath(config: AgentConfig, pod: NodePod, at: { container: string; attempt: number }): string {
  return join(podFolders.logs(config, pod.metadata), at.container, `${at.attempt}.log`);
}

/** Removes the log of one run, with what of it was put aside. */
export function removeLogs(path: string): void {
  const folder = dirname(path);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder))
    if (name === basename(path) || name.startsWith(`${basename(path)}.`)) rmSync(join(folder, name), { force: true });
}
