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

/** Every capability of capabilities(7) as of Linux 5.9, the last that added one. */
const all = [
  ...defaults,
  ...['AUDIT_CONTROL', 'AUDIT_READ', 'BLOCK_SUSPEND', 'BPF', 'CHECKPOINT_RESTORE', 'DAC_READ_SEARCH', 'IPC_LOCK'],
  ...['IPC_OWNER', 'LEASE', 'LINUX_IMMUTABLE', 'MAC_ADMIN', 'MAC_OVERRIDE', 'MKNOD', 'NET_ADMIN', 'NET_BROADCAST'],
  ...['PERFMON', 'SYSLOG', 'SYS_ADMIN', 'SYS_BOOT', 'SYS_MODULE', 'SYS_NICE', 'SYS_PACCT', 'SYS_PTRACE', 'SYS_RAWIO'],
  ...['SYS_RESOURCE', 'SYS_TIME', 'SYS_TTY_CONFIG', 'WAKE_ALARM'],
];

/**
 * The names (without `CAP_`, sorted) that a container keeps. `ALL` stands for every one; additions come after drops, as in Docker.
 * Rejects names that do not exist.
 */
export function capabilitiesOf(config: Pick<ContainerConfig, 'capabilities' | 'privileged'>): string[] {
  if (config.privileged === true) return all.toSorted();
  const kept = new Set<string>(defaults);
  for (const name of expand(config.capabilities?.drop)) kept.delete(name);
  for (const name of expand(config.capabilities?.add)) kept.add(name);
  return [...kept].sort();
}

function expand(names: readonly string[] = []): string[] {
  return names.flatMap((given) => {
    const name = given.toUpperCase().replace(/^CAP_/, '');
    if (name === 'ALL') return all;
    if (!all.includes(name)) throw new Error(`there is no capability "${given}"; see capabilities(7) for their names`);
    return [name];
  });
}
