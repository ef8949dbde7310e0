import { shellQuote } from './shell-quote.ts';
import type { ContainerFiles } from './state-folder.ts';

/**
 * The first lines of every container's `enter.sh`: in a mount namespace of its own, the container's memory is mounted and filled
 * from the skeleton, then fstab makes the rest. Complaints go to the error file until descriptor 3, the container's stderr, is restored.
 */
export function rootScript(files: ContainerFiles): string {
  const quoted = (path: string): string => shellQuote([path]);
  return [
    'set -e',
    `exec 3>&2 2>${quoted(files.error)}`,
    `mount -t tmpfs -o mode=755,nosuid,nodev tmpfs ${quoted(files.fs)}`,
    `cp -a ${quoted(`${files.skeleton}/.`)} ${quoted(files.fs)}`,
    `mount --all --fstab ${quoted(files.fstab)}`,
    '',
  ].join('\n');
}
