import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { type Marks, markedProcesses } from '../runtime/marked-processes.ts';

/** A process that listens on all addresses of this machine. */
export interface OpenListener {
  readonly pid: number;
  readonly protocol: 'TCP' | 'UDP';
  readonly port: number;
}

interface OpenSocket {
  readonly protocol: 'TCP' | 'UDP';
  readonly port: number;
  readonly inode: string;
}

/** The kernel's names for states of sockets: TCP_LISTEN, and of UDP, which listens always, one without a peer. */
const states = { TCP: '0A', UDP: '07' } as const;

/**
 * Finds which of some marked processes listen on all addresses. Looking again is cheap: only sockets that were not there before are
 * searched for in the processes.
 */
export class OpenListeners {
  readonly #marks: Marks;
  /** By the socket's inode; undefined where none of the processes has it. */
  #owners: ReadonlyMap<string, number | undefined> = new Map();

  constructor(marks: Marks) {
    this.#marks = marks;
  }

  find(): OpenListener[] {
    if (process.platform !== 'linux') return lsofListeners(markedProcesses(this.#marks));
    const sockets = openSockets();
    const unknown = sockets.map(({ inode }) => inode).filter((inode) => !this.#owners.has(inode));
    const found = unknown.length === 0 ? new Map<string, number>() : ownersOf(new Set(unknown), this.#marks);
    this.#owners = new Map(sockets.map(({ inode }) => [inode, this.#owners.get(inode) ?? found.get(inode)]));
    return sockets.flatMap(({ protocol, port, inode }) => {
      const pid = this.#owners.get(inode);
      return pid === undefined ? [] : { pid, protocol, port };
    });
  }
}

/** From /proc/net (proc_net_tcp.rst of the kernel's documentation): `sl local_address rem_address st ... inode`, numbers in hexadecimal. */
function openSockets(): OpenSocket[] {
  const ephemeral = Number(read('/proc/sys/net/ipv4/ip_local_port_range').split('\t')[0] || 32_768);
  return (['TCP', 'UDP'] as const).flatMap((protocol) =>
    ['', '6'].flatMap((version) =>
      read(`/proc/net/${protocol.toLowerCase()}${version}`)
        .split('\n')
        .slice(1)
        .flatMap((line) => {
          const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
          const [address = '', hexPort = ''] = local.split(':');
          const port = Number.parseInt(hexPort, 16);
          if (state !== states[protocol] || !/^0+$/.test(address)) return [];
          // One that only sends has a port that the kernel chose.
          return protocol === 'UDP' && port >= ephemeral ? [] : { protocol, port, inode };
        }),
    ),
  );
}

function ownersOf(inodes: ReadonlySet<string>, marks: Marks): Map<string, number> {
  const owners = new Map<string, number>();
  for (const pid of markedProcesses(marks)) {
    for (const link of linksIn(`/proc/${pid}/fd`)) {
      const [, inode = ''] = /^socket:\[(\d+)\]$/.exec(link) ?? [];
      if (inodes.has(inode)) owners.set(inode, pid);
    }
  }
  return owners;
}

/**
 * Where there is no /proc, as on macOS: lsof, which prints a line for the process (`p1`), then for each of its sockets (`PTCP`, `n*:80`). Tried
 * on Linux only.
 */
function lsofListeners(pids: readonly number[]): OpenListener[] {
  if (pids.length === 0) return [];
  const { stdout } = spawnSync('lsof', ['-nP', '-a', '-p', pids.join(), '-iTCP', '-sTCP:LISTEN', '-FpPn'], {
    encoding: 'utf8',
  });
  let pid = 0;
  return (stdout ?? '').split('\n').flatMap((line) => {
    if (line.startsWith('p')) pid = Number(line.slice(1));
    const [, port] = /^n\*:(\d+)$/.exec(line) ?? [];
    return port === undefined ? [] : { pid, protocol: 'TCP' as const, port: Number(port) };
  });
}

function linksIn(folder: string): string[] {
  try {
    return readdirSync(folder).flatMap((name) => {
      try {
        return readlinkSync(`${folder}/${name}`);
      } catch {
        return []; // it was closed
      }
    });
  } catch {
    return []; // the process is gone
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // a kernel without IPv6
  }
}
