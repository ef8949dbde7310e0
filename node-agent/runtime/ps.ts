import { spawnSync } from 'node:child_process';
import type { ProcessIdentity } from './process-identity.ts';

/*
 * What process-identity.ts finds in /proc, asked of ps(1) where there is none, as on macOS. Its options are those that POSIX, macOS and Linux
 * have in common (each title empty, in an option of its own), and tests run them on Linux; on macOS itself they were not tried.
 */

/** Undefined where there is no such process, or only its zombie. */
export function psIdentity(pid: number): ProcessIdentity | undefined {
  if (!Number.isInteger(pid)) return undefined;
  // `S    Wed Nov 25 16:02:58 2026`
  const [state = '', ...start] = ps(['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)])
    .trim()
    .split(/\s+/);
  return state === '' || state.startsWith('Z') ? undefined : { pid, startTicks: start.join(' ') };
}

/** Some ps work the time out anew from the age of the process, and may be a second off each time. */
export function isSameInPs(one: ProcessIdentity, other: ProcessIdentity): boolean {
  return one.pid === other.pid && Math.abs(Date.parse(one.startTicks) - Date.parse(other.startTicks)) <= 2000;
}

export function psChildren(pid: number): number[] {
  return ps(['-ax', '-o', 'pid=', '-o', 'ppid='])
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([child, parent]) => (parent === pid && child !== undefined ? [child] : []));
}

/** The path of a process's terminal: `/dev/ttys003`, `/dev/pts/3`; undefined where it has none. */
export function psTerminal(pid: number): string | undefined {
  const name = ps(['-o', 'tty=', '-p', String(pid)]).trim();
  return /^[a-z]+[\w/]*\d+$/.test(name) ? `/dev/${name}` : undefined;
}

function ps(args: readonly string[]): string {
  return spawnSync('ps', args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } }).stdout ?? '';
}
