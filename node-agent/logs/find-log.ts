import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { badRequest } from '@skiff/api/status';
import type { NodePod } from '../pods/types.ts';

/** One run of a container. */
export interface FoundLog {
  readonly path: string;
  /** As the runtime names it. */
  readonly containerId: string;
}

/**
 * The log file of a container's last run, or of the one before it. Throws 400, as the kubelet does, where there was none. `folder` is the
 * Pod's: it holds a folder for each container with a file for each run.
 */
export function findLog(pod: NodePod, options: { folder: string; container: string; previous: boolean }): FoundLog {
  const { folder, container, previous } = options;
  const { name, uid } = pod.metadata;
  const runs = attempts(join(folder, container)).slice(0, previous ? -1 : undefined);
  const attempt = runs.at(-1);
  if (attempt !== undefined)
    return { path: join(folder, container, `${attempt}.log`), containerId: `${uid}/${container}/${attempt}` };
  if (previous) throw badRequest(`previous terminated container "${container}" in pod "${name}" not found`);
  throw badRequest(`container "${container}" in pod "${name}" is ${waitingBecause(pod, container)}`);
}

function attempts(folder: string): number[] {
  let names: string[] = [];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  const found = names.flatMap((name) => /^(\d+)\.log$/.exec(name)?.[1] ?? []);
  return found.map(Number).sort((a, b) => a - b);
}

function waitingBecause({ status }: NodePod, container: string): string {
  const all = [
    ...(status?.containerStatuses ?? []),
    ...(status?.initContainerStatuses ?? []),
    ...(status?.ephemeralContainerStatuses ?? []),
  ];
  const { reason } = all.find(({ name }) => name === container)?.state?.waiting ?? {};
  if (reason === 'ErrImagePull' || reason === 'ImagePullBackOff')
    return 'waiting to start: trying and failing to pull image';
  if (reason === undefined) return 'not available';
  return `waiting to start: ${reason}`;
}
