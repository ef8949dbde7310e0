import { capabilitiesOf } from './capabilities.ts';
import { orderedMounts } from './root-filesystem.ts';
import type { ContainerConfig } from './runtime.ts';

/**
 * The config.json of an OCI bundle (runtime-spec 1.0). Network, UTS and IPC namespaces are not in it: crun is started inside the
 * sandbox's and hands them on.
 */
export function ociConfig(
  config: ContainerConfig,
  options: { root: string; pidNamespace: string | undefined },
): object {
  const privileged = config.privileged === true;
  return {
    ociVersion: '1.0.2',
    process: ociProcess(config),
    root: { path: options.root, readonly: config.readOnlyRoot === true },
    mounts: [
      mount('/proc', 'proc', 'proc', ['nosuid', 'nodev', 'noexec']),
      mount('/dev', 'tmpfs', 'tmpfs', ['nosuid', 'mode=755', 'size=64k']),
      mount('/dev/pts', 'devpts', 'devpts', ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620']),
      mount('/dev/shm', 'tmpfs', 'shm', ['nosuid', 'nodev', 'noexec', 'mode=1777', 'size=64m']),
      mount('/sys', 'sysfs', 'sysfs', ['nosuid', 'nodev', 'noexec', privileged ? 'rw' : 'ro']),
      ...orderedMounts(config.mounts).map(({ source, target, readOnly }) =>
        mount(target, 'bind', source, ['rbind', readOnly === true ? 'ro' : 'rw']),
      ),
    ],
    linux: {
      namespaces: [
        { type: 'mount' },
        { type: 'pid', ...(options.pidNamespace !== undefined && { path: options.pidNamespace }) },
      ],
      maskedPaths: privileged ? [] : ['/proc/kcore', '/proc/keys', '/proc/timer_list', '/sys/firmware'],
      readonlyPaths: [
        ...(privileged ? [] : ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']),
        // Of the host image, /etc is a mount of its own.
        ...(config.readOnlyRoot === true && config.image.type === 'host' ? ['/etc'] : []),
      ],
    },
  };
}

/** A process in a container: its first one, or, with other `args`, one that joins it and may no more than that. */
export function ociProcess(config: ContainerConfig): object {
  const names = capabilitiesOf(config).map((name) => `CAP_${name}`);
  const { uid, gid, groups = [] } = config.user ?? { uid: 0, gid: 0 };
  // As for every user but root: the program gets none, unless it is one that brings some.
  const effective = uid === 0 ? names : [];
  return {
    terminal: config.tty === true,
    user: { uid, gid, ...(groups.length > 0 && { additionalGids: groups }) },
    args: config.args,
    env: Object.entries(config.env).map(([name, value]) => `${name}=${value}`),
    cwd: config.workingDir ?? '/',
    capabilities: { bounding: names, effective, permitted: effective },
    noNewPrivileges: config.noNewPrivileges === true,
  };
}

function mount(destination: string, type: string, source: string, options: readonly string[]): object {
  return { destination, type, source, options };
}
