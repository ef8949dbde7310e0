import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { temporaryPlaces, temporaryPrefix } from './temporary-folder.ts';

/** What this process holds: as Node tells it, as the kernel tells it, and its folders of tests. For tests: before and after are to be equal. */
export interface Holdings {
  readonly resources: readonly string[];
  readonly sockets: number;
  readonly children: readonly string[];
  readonly folders: readonly string[];
}

export function holdings(): Holdings {
  return {
    resources: process.getActiveResourcesInfo().sort(),
    sockets: readdirSync('/proc/self/fd').filter((fd) => isSocket(`/proc/self/fd/${fd}`)).length,
    children: readdirSync('/proc/self/task').flatMap((task) => childrenOf(task)),
    folders: temporaryPlaces.flatMap(namesIn).filter((name) => name.startsWith(temporaryPrefix)),
  };
}

function isSocket(path: string): boolean {
  try {
    return readlinkSync(path).startsWith('socket:');
  } catch {
    return false;
  }
}

function childrenOf(task: string): string[] {
  try {
    return readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ').filter(Boolean);
  } catch {
    return [];
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
