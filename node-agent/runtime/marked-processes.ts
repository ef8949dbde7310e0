import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Variables of the environment that a process was started with: `{ SKIFF_CLUSTER: '...', SKIFF_NODE: 'node1' }`. */
export type Marks = Readonly<Record<string, string>>;

/** A process that was killed is gone soon, unless it is in the midst of something of the kernel's. */
const PAUSE_MS = 10;

/**
 * The processes whose environment has all of these marks, and everything that descends from them, even where it has cleared its
 * environment. What did that and also left its parent is not found: nothing is left that says whose it is. Zombies don't count.
 */
export function markedProcesses(marks: Marks): number[] {
  const processes = allProcesses().filter(({ pid }) => pid !== process.pid);
  const wanted = Object.entries(marks).map(([name, value]) => `${name}=${value}`);
  const found = new Set(processes.filter((one) => hasAll(one.environment(), wanted)).map(({ pid }) => pid));
  const children = Map.groupBy(processes, ({ parent }) => parent);
  // A set goes on to what is added on the way.
  for (const pid of found) for (const child of children.get(pid) ?? []) found.add(child.pid);
  return [...found];
}

/** The value of one mark of a process, or of the nearest of its ancestors that has it. */
export function markOf(pid: number, name: string): string | undefined {
  const processes = new Map(allProcesses().map((one) => [one.pid, one]));
  for (let at = processes.get(pid); at !== undefined; at = processes.get(at.parent)) {
    const setting = at.environment().find((one) => one.startsWith(`${name}=`));
    if (setting !== undefined) return setting.slice(name.length + 1);
  }
  return undefined;
}

/** Kills them, and those that they started meanwhile, until none is left or `withinMs` is over. Resolves with those that are left. */
export async function killMarked(marks: Marks, { withinMs = 5000 } = {}): Promise<number[]> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const left = markedProcesses(marks);
    if (left.length === 0 || performance.now() > deadline) return left;
    for (const pid of left) kill(pid);
    await delay(PAUSE_MS);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone already, or somebody else's.
  }
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  /** With which it was started: settings, `NAME=value`. */
  readonly environment: () => readonly string[];
}

function hasAll(settings: readonly string[], wanted: readonly string[]): boolean {
  const found = new Set(settings);
  return wanted.every((one) => found.has(one));
}

function allProcesses(): Process[] {
  return process.platform === 'linux' ? linuxProcesses() : psProcesses();
}

function linuxProcesses(): Process[] {
  return readdirSync('/proc').flatMap((name) => {
    const stat = /^\d+$/.test(name) ? read(`/proc/${name}/stat`) : '';
    // The command's name, in parentheses, may itself have some.
    const [, state, parent] = /^\d+ \(.*\) (\S) (\d+)/s.exec(stat) ?? [];
    if (state === undefined || state === 'Z') return [];
    const environment = (): string[] => read(`/proc/${name}/environ`).split('\0');
    return { pid: Number(name), parent: Number(parent), environment };
  });
}

/**
 * Where there is no /proc, as on macOS: ps shows the environment behind the command, of the user's own processes; to macOS' that is -E, to others
 * -e. The latter is what tests run on Linux; macOS was not tried.
 */
function psProcesses(): Process[] {
  const columns = ['pid=', 'ppid=', 'stat=', 'command='].flatMap((column) => ['-o', column]);
  const all = process.platform === 'darwin' ? '-axEww' : '-axeww';
  const { stdout } = spawnSync('ps', [all, ...columns], { encoding: 'utf8' });
  return (stdout ?? '').split('\n').flatMap((line) => {
    const [, pid, parent, state, command = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/s.exec(line) ?? [];
    if (pid === undefined || state?.startsWith('Z')) return [];
    return { pid: Number(pid), parent: Number(parent), environment: () => command.split(' ') };
  });
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it is gone, or somebody else's
  }
}
