import { readFileSync, writeFileSync } from 'node:fs';
import type { DataFolder } from './data-folder.ts';

/** How many nodes the cluster of this folder had last; undefined where it never had any. */
export function lastNodeCount(folder: DataFolder): number | undefined {
  try {
    return Number(readFileSync(folder.nodeCountFile, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

/** The next `skiff up` finds it again. */
export function saveNodeCount(folder: DataFolder, count: number): void {
  writeFileSync(folder.nodeCountFile, String(count));
}
