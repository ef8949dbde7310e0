import { readFileSync } from 'node:fs';
import type { Mount } from './runtime.ts';

/** A line of fstab(5): `mount --all --fstab` makes many mounts in one process. */
export function fstabLine(source: string, target: string, type: string, options: readonly string[]): string {
  return `${encode(source)} ${encode(target)} ${type} ${options.join(',') || 'defaults'} 0 0\n`;
}

/** A bind mount with all that is mounted below it, which a user namespace may not leave out. */
export function bindLine(mount: Mount, target = mount.target): string {
  // A read-only remount must keep what the kernel locked when a mount came into this user namespace.
  const options = mount.readOnly === true ? ['rbind', 'ro', ...lockedOptions(mount.source)] : ['rbind'];
  return fstabLine(mount.source, target, 'none', options);
}

function encode(word: string): string {
  return word.replace(/[\\\s#]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

/** The options of the mount that holds `path` which may only be given away together. */
function lockedOptions(path: string): string[] {
  let best = '';
  let options = '';
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [, , , , point, given] = line.split(' ');
    if (point === undefined || given === undefined) continue;
    const holds = point === '/' || path === point || path.startsWith(`${point}/`);
    if (holds && point.length >= best.length) [best, options] = [point, given];
  }
  const locked = ['nosuid', 'nodev', 'noexec', 'noatime', 'nodiratime', 'relatime'];
  return options.split(',').filter((option) => locked.includes(option));
}
