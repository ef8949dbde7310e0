import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The device nodes of a container, bound from the host's: a user namespace can't make its own. */
export const devices = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];

const links = {
  fd: '/proc/self/fd',
  stdin: '/proc/self/fd/0',
  stdout: '/proc/self/fd/1',
  stderr: '/proc/self/fd/2',
  ptmx: 'pts/ptmx',
};

/** Fills `folder` with the mount points of {@link devices} and the links that programs expect. */
export function devicesSkeleton(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of devices) writeFileSync(join(folder, name), '');
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(folder, name));
}
