import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { isSameInPs, psChildren, psIdentity } from './ps.ts';

/** A process for ever: PIDs are reused, a PID with its start time is not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: clock ticks since boot. Where there is no /proc, the time that ps shows. */
  readonly startTicks: string;
}

/** The fields of /proc/PID/stat from the state on, or undefined where the process is gone. */
function statFields(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is a name in parentheses which may hold blanks and parentheses itself.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** Undefined where there is no such process, or only its zombie. */
export function identify(pid: number): ProcessIdentity | undefined {
  if (process.platform !== 'linux') return psIdentity(pid);
  const fields = statFields(pid);
  const startTicks = fields?.[19];
  if (fields === undefined || startTicks === undefined || fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return { pid, startTicks };
}

export function isAlive(identity: ProcessIdentity): boolean {
  const now = identify(identity.pid);
  if (now === undefined) return false;
  return process.platform === 'linux' ? now.startTicks === identity.startTicks : isSameInPs(now, identity);
}

/** Sends a signal unless the process is gone or the PID is another's by now. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isAlive(identity)) return;
  try {
    process.kill(identity.pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** The namespace a process is in, as the kernel names it: `pid:[4026531836]`. */
export function namespaceOf(pid: number, type: 'pid' | 'mnt'): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/${type}`);
  } catch {
    return undefined;
  }
}

/** A launcher's first descendant in another PID namespace: the container's first process. */
export function findInit(launcher: number): ProcessIdentity | undefined {
  const outside = namespaceOf(process.pid, 'pid');
  for (const child of childrenOf(launcher)) {
    const namespace = namespaceOf(child, 'pid');
    const found = namespace !== undefined && namespace !== outside ? identify(child) : findInit(child);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function childrenOf(pid: number): number[] {
  if (process.platform !== 'linux') return psChildren(pid);
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Every process that is in a PID namespace with `pid`. */
export function processesWith(pid: number): ProcessIdentity[] {
  const wanted = namespaceOf(pid, 'pid');
  if (wanted === undefined) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && namespaceOf(Number(name), 'pid') === wanted)
    .flatMap((name) => identify(Number(name)) ?? []);
}
