import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Quantity } from '@skiff/api/quantity';
import { run } from '../exec.ts';

/** Mounts memory of a limited size on a folder, so that a program which writes more is told so (`emptyDir.medium: Memory` with a `sizeLimit`). */
export async function mountMemory(folder: string, sizeLimit: string): Promise<void> {
  const bytes = Quantity.parse(sizeLimit).toNumber();
  await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=0777,nosuid,nodev`, 'tmpfs', folder]);
}

/** Takes away what {@link mountMemory} mounted below a folder. */
export function unmountMemory(folder: string): void {
  const points = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((point) => point.startsWith(`${folder}/`));
  if (points.length > 0) execFileSync('umount', ['--lazy', ...points]);
}
