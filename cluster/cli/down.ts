import { existsSync, readFileSync } from 'node:fs';
import { askSupervisor } from '../supervisor/control.ts';
import type { Options } from './options.ts';

/** `skiff down`: ends a cluster and resolves when its last process is gone. */
export async function down({ folder, name }: Options): Promise<number> {
  const running = await askSupervisor(folder.controlSocket, 'status');
  if (!running) {
    process.stdout.write(`cluster "${name}" is not running\n`);
    return 0;
  }
  await askSupervisor(folder.controlSocket, 'down');
  await ended(running.pid);
  process.stdout.write(`cluster "${running.name}" is down; its state is kept in ${folder.path}\n`);
  return 0;
}

/** Resolves when the process is gone, or after five seconds. One that only waits to be reaped by a slow parent is gone. */
async function ended(pid: number): Promise<void> {
  const deadline = performance.now() + 5000;
  while (performance.now() < deadline && isRunning(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch (error) {
    // Without /proc, as on macOS, it is still there.
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' && !existsSync('/proc/self');
  }
}
