import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The processes that descend from one, itself first, by what /proc says. */
export function descendants(pid: number): number[] {
  const children = Map.groupBy(allProcesses(), ({ parent }) => parent);
  const found = [pid];
  for (const next of found) found.push(...(children.get(next) ?? []).map((child) => child.pid));
  return found;
}

export function isAlive(pid: number): boolean {
  return allProcesses().some((process) => process.pid === pid);
}

/** The command line of a process, its arguments joined by blanks; empty where it is gone. */
export function commandLine(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
}

/** `127.0.0.1:6443` for each TCP socket of the host's network on which one of these processes listens. */
export function listeners(pids: readonly number[]): string[] {
  const own = new Set(pids.flatMap(socketInodes));
  // /proc/net/tcp, proc_pid_net(5): state 0A listens, addresses are in hexadecimal and in the machine's byte order.
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((path) => read(path).split('\n').slice(1));
  return rows.flatMap((row) => {
    const [, local = '', , state, , , , , , inode = ''] = row.trim().split(/\s+/);
    return state === '0A' && own.has(inode) ? [address(local)] : [];
  });
}

function address(text: string): string {
  const [host = '', port = ''] = text.split(':');
  const bytes = (host.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).reverse();
  return `${bytes.length === 4 ? bytes.join('.') : host}:${Number.parseInt(port, 16)}`;
}

function socketInodes(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}

/** Zombies don't count. */
function allProcesses(): { pid: number; parent: number }[] {
  return readdirSync('/proc').flatMap((name) => {
    const [, state, parent] =
      /^\d+ \(.*\) (\S) (\d+)/s.exec(/^\d+$/.test(name) ? read(`/proc/${name}/stat`) : '') ?? [];
    return state === undefined || state === 'Z' ? [] : [{ pid: Number(name), parent: Number(parent) }];
  });
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
