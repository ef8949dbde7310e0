import { readFileSync } from 'node:fs';
import type { ContainerConfig } from './runtime.ts';

/**
 * What a container holds unless its securityContext says otherwise: Docker's default without MKNOD, because no cgroup
 * controls devices here. These count in the cluster's user namespace, or on the host where the cluster runs as real root.
 */
const defaults = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'NET_BIND_SERVICE',
  'NET_RAW',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
] as const;

/** Every capability of capabilities(7) as of Linux 5.9, the last that added one, by number. */
const byNumber = [
  ...['CHOWN', 'DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID', 'SETPCAP'],
  ...['LINUX_IMMUTABLE', 'NET_BIND_SERVICE', 'NET_BROADCAST', 'NET_ADMIN', 'NET_RAW', 'IPC_LOCK', 'IPC_OWNER'],
  ...['SYS_MODULE', 'SYS_RAWIO', 'SYS_CHROOT', 'SYS_PTRACE', 'SYS_PACCT', 'SYS_ADMIN', 'SYS_BOOT', 'SYS_NICE'],
  ...['SYS_RESOURCE', 'SYS_TIME', 'SYS_TTY_CONFIG', 'MKNOD', 'LEASE', 'AUDIT_WRITE', 'AUDIT_CONTROL', 'SETFCAP'],
  ...['MAC_OVERRIDE', 'MAC_ADMIN', 'SYSLOG', 'WAKE_ALARM', 'BLOCK_SUSPEND', 'AUDIT_READ', 'PERFMON', 'BPF'],
  'CHECKPOINT_RESTORE',
];

/**
 * The names (without `CAP_`, sorted) that a container keeps. `ALL` stands for every one that the agent holds; additions come after
 * drops, as in Docker. Rejects names that do not exist, and additions that the agent hasn't got to give.
 */
export function capabilitiesOf(config: Pick<ContainerConfig, 'capabilities' | 'privileged'>): string[] {
  const held = heldCapabilities();
  if (config.privileged === true) return held.toSorted();
  const kept = new Set<string>(defaults.filter((name) => held.includes(name)));
  for (const name of expand(config.capabilities?.drop, byNumber)) kept.delete(name);
  for (const name of expand(config.capabilities?.add, held)) {
    if (!held.includes(name))
      throw new Error(`the capability ${name} can't be added: the node agent hasn't got it itself`);
    kept.add(name);
  }
  return [...kept].sort();
}

function expand(names: readonly string[] = [], all: readonly string[]): readonly string[] {
  return names.flatMap((given) => {
    const name = given.toUpperCase().replace(/^CAP_/, '');
    if (name === 'ALL') return all;
    if (!byNumber.includes(name))
      throw new Error(`there is no capability "${given}"; see capabilities(7) for their names`);
    return [name];
  });
}

/** In a container, even root may lack some. */
function heldCapabilities(): string[] {
  const held = BigInt(`0x${/CapPrm:\s*(\w+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`);
  return byNumber.filter((_name, number) => (held & (1n << BigInt(number))) !== 0n);
}
