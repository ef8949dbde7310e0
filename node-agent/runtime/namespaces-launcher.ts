import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { capabilitiesOf } from './capabilities.ts';
import { canSetGroups, checkUser } from './container-user.ts';
import { devices, devicesSkeleton } from './devices.ts';
import { rootScript } from './enter-script.ts';
import { bindLine, fstabLine } from './fstab.ts';
import type { ContainerPlan, ExecCommand, Launcher } from './launcher.ts';
import { programCheck } from './program-check.ts';
import { orderedMounts, prepareRoot } from './root-filesystem.ts';
import type { ContainerConfig } from './runtime.ts';
import { shellQuote } from './shell-quote.ts';
import { underTerminal } from './terminals.ts';
import { requireTool, runTool } from './tools.ts';

/** Containers made by util-linux's unshare, nsenter, mount, pivot_root and setpriv. Runs the host image only. */
export class NamespacesLauncher implements Launcher {
  readonly version: string;
  readonly #tools = {
    unshare: requireTool('unshare'),
    nsenter: requireTool('nsenter'),
    setpriv: requireTool('setpriv'),
    env: requireTool('env', 'coreutils'),
    sh: requireTool('sh', 'dash'),
    mount: requireTool('mount', 'mount'),
    umount: requireTool('umount', 'mount'),
    mkdir: requireTool('mkdir', 'coreutils'),
  };

  constructor(version: string) {
    this.version = version;
  }

  static async create(): Promise<NamespacesLauncher> {
    const version = (await runTool([requireTool('unshare'), '--version'])).match(/[\d.]+/)?.[0] ?? 'unknown';
    return new NamespacesLauncher(`namespaces://${version}`);
  }

  prepare({ files, config }: ContainerPlan): void {
    if (config.image.type === 'layers') {
      throw new Error(
        `the image ${config.image.id} can't be run: images with layers need crun, which is not installed`,
      );
    }
    if (config.user !== undefined) checkUser(config.user);
    const root = prepareRoot(files, config);
    devicesSkeleton(join(files.skeleton, 'root/dev'));
    writeFileSync(files.fstab, root + systemMounts(files.root, config) + userMounts(files.root, config));
    writeFileSync(files.script, rootScript(files) + this.#enter({ files, config }));
  }

  command({ files, config, pidNamespace }: ContainerPlan): string[] {
    const mount = ['--mount', '--propagation', 'private'];
    const script = [this.#tools.sh, files.script];
    if (pidNamespace === undefined) {
      // In a PID namespace made for its children, a shell's first child is PID 1, whose end it reports as it was; unshare --fork of
      // util-linux 2.38 turns a KILL into exit code 1. The shell's own words ("Killed") are not the container's.
      // At a terminal, it has its child in a process group of its own (-m), which shells in there can see, and give the terminal back to.
      const groups = config.tty === true ? 'set -m; ' : '';
      const report = `exec 6>&2 2>/dev/null; ${groups}(exec "$0" "$@" 2>&6 6>&-); exit $?`;
      return [this.#tools.unshare, ...mount, '--pid', this.#tools.sh, '-c', report, ...script];
    }
    return [this.#tools.nsenter, `--pid=${pidNamespace}`, this.#tools.unshare, ...mount, ...script];
  }

  execCommand(plan: Parameters<Launcher['execCommand']>[0], command: readonly string[], tty: boolean): ExecCommand {
    const env = { ...(tty && { TERM: 'xterm' }), ...plan.config.env };
    const namespaces = ['--mount', '--uts', '--ipc', '--net', '--pid'];
    const enter = [this.#tools.nsenter, '--target', String(plan.init.pid), ...namespaces];
    const inFolder = [this.#tools.sh, '-c', 'cd "$0" && exec "$@"', plan.config.workingDir ?? '/'];
    // Shells with job control want a session and process groups that they can see: of their own PID namespace.
    const program = tty ? underTerminal(command) : command;
    const inside = [...inFolder, ...this.#program({ ...plan.config, env }, program)];
    return { command: [...enter, '--', ...inside], ...(tty && { makesTerminal: true }) };
  }

  /** The rest of enter.sh: into the new root, where what the configuration got wrong can be said, then the program. */
  #enter({ files, config }: Pick<ContainerPlan, 'files' | 'config'>): string {
    const folder = config.workingDir ?? '/';
    return `exec 4>${shellQuote([files.started])}
cd ${shellQuote([files.root])}
mount -t sysfs -o ${config.privileged === true ? 'rw' : 'ro'},nosuid,nodev,noexec sysfs sys 2>/dev/null || mount --rbind -o ro /sys sys
pivot_root . mnt
cd /
${this.#tools.umount} -l /mnt
${config.readOnlyRoot === true ? `${this.#tools.mount} -o remount,bind,ro /\n${this.#tools.mount} -o remount,bind,ro /etc\n` : ''}: >&2
${this.#tools.mkdir} -p ${shellQuote([folder])}
cd ${shellQuote([folder])}
${programCheck(config)}echo started >&4
exec ${shellQuote(this.#program(config, config.args))} 2>&3 3>&- 4>&-
`;
  }

  /** Drops everything that the container must not have, then runs the program. */
  #program(config: ContainerConfig, args: readonly string[]): string[] {
    const environment = Object.entries(config.env).map(([name, value]) => `${name}=${value}`);
    const privileges: string[] = [];
    if (config.user !== undefined && (config.user.uid !== 0 || config.user.gid !== 0 || canSetGroups())) {
      const { uid, gid, groups = [] } = config.user;
      privileges.push(`--reuid=${uid}`, `--regid=${gid}`);
      if (groups.length > 0) privileges.push(`--groups=${groups.join(',')}`);
      else privileges.push(canSetGroups() ? '--clear-groups' : '--keep-groups');
    }
    if (config.privileged !== true) {
      const kept = capabilitiesOf(config).map((name) => `,+${name.toLowerCase()}`);
      privileges.push('--inh-caps=-all', '--ambient-caps=-all', `--bounding-set=-all${kept.join('')}`);
    }
    if (config.noNewPrivileges === true) privileges.push('--no-new-privs');
    // env is found by its full path, and finds setpriv by its own: the program's PATH is for the program alone.
    const dropped = privileges.length === 0 ? [] : [this.#tools.setpriv, ...privileges, '--'];
    return [this.#tools.env, '-i', ...environment, ...dropped, ...args];
  }
}

function systemMounts(root: string, config: ContainerConfig): string {
  const proc = join(root, 'proc');
  const lines = [
    fstabLine('proc', proc, 'proc', ['nosuid', 'nodev', 'noexec']),
    fstabLine('devpts', join(root, 'dev/pts'), 'devpts', [
      'newinstance',
      'ptmxmode=0666',
      'mode=0620',
      'nosuid',
      'noexec',
    ]),
    ...devices.map((name) => bindLine({ source: `/dev/${name}`, target: join(root, 'dev', name) })),
  ];
  if (config.privileged !== true) {
    for (const name of ['sys', 'sysrq-trigger', 'irq', 'bus', 'fs'].filter((name) => existsSync(`/proc/${name}`))) {
      lines.push(fstabLine(join(proc, name), join(proc, name), 'none', ['rbind', 'ro', 'nosuid', 'nodev', 'noexec']));
    }
    for (const name of ['kcore', 'keys', 'timer_list'].filter((name) => existsSync(`/proc/${name}`))) {
      lines.push(bindLine({ source: '/dev/null', target: join(proc, name) }));
    }
  }
  return lines.join('');
}

function userMounts(root: string, config: ContainerConfig): string {
  return orderedMounts(config.mounts)
    .map((mount) => bindLine(mount, join(root, mount.target)))
    .join('');
}
