import { readFileSync, statfsSync } from 'node:fs';
import { arch, availableParallelism, platform, release, totalmem, version } from 'node:os';

/** What the machine under a node is and has, in the terms of a Node's status. */
export interface Machine {
  /** `amd64`, `arm64`: as Go names them. */
  readonly architecture: string;
  readonly kernelVersion: string;
  /** `Debian GNU/Linux 12 (bookworm)` */
  readonly osImage: string;
  readonly machineID: string;
  readonly bootID: string;
  readonly cpus: number;
  readonly memoryKiB: number;
  readonly diskKiB: number;
}

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

/** `folder` is on the file system whose size counts as the node's ephemeral storage. */
export function inspectMachine(folder: string): Machine {
  const { blocks, bsize } = statfsSync(folder);
  return {
    architecture: architectures[arch()] ?? arch(),
    kernelVersion: release(),
    osImage:
      /^PRETTY_NAME="?([^"\n]*)/m.exec(read('/etc/os-release'))?.[1] ?? (platform() === 'linux' ? 'Linux' : version()),
    machineID: read('/etc/machine-id').trim(),
    bootID: read('/proc/sys/kernel/random/boot_id').trim(),
    cpus: availableParallelism(),
    memoryKiB: Math.floor(totalmem() / 1024),
    diskKiB: Math.floor((blocks * bsize) / 1024),
  };
}

/** Memory that programs can still get, in KiB. */
export function availableMemoryKiB(): number {
  return Number(/^MemAvailable:\s+(\d+)/m.exec(read('/proc/meminfo'))?.[1] ?? Number.POSITIVE_INFINITY);
}

/** The part of the file system's space that is free, 0 to 1. */
export function freeDiskShare(folder: string): number {
  const { blocks, bavail } = statfsSync(folder);
  return blocks === 0 ? 1 : bavail / blocks;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
