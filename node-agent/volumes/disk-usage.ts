import { execFile } from 'node:child_process';
import { findTool, toolEnvironment } from '../runtime/tools.ts';

/** A tree that takes longer to look at is not measured. */
const MOST_MS = 10_000;

/**
 * The space that folders take on their disks, in bytes by path, as du(1) counts it: in blocks, a file with several names once. Folders that
 * are not there, or that can't be measured in a reasonable time, are missing in the answer. The work is a process of its own.
 */
export function diskUsage(folders: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const du = findTool('du');
  if (folders.length === 0 || du === undefined) return Promise.resolve(new Map());
  return new Promise((resolve) => {
    const options = { env: toolEnvironment, timeout: MOST_MS, killSignal: 'SIGKILL', maxBuffer: 1 << 24 } as const;
    // What vanishes meanwhile makes it complain, and count on.
    execFile(du, ['-skx', '--', ...folders], options, (_error, stdout) => {
      const lines = stdout.matchAll(/^(\d+)\t(.*)$/gm);
      resolve(new Map(Array.from(lines, ([, kib, folder = '']) => [folder, Number(kib) * 1024])));
    });
  });
}
