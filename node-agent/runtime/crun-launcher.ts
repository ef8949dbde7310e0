import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { checkUser } from './container-user.ts';
import { rootScript } from './enter-script.ts';
import type { ContainerPlan, ExecCommand, Launcher } from './launcher.ts';
import { ociConfig, ociProcess } from './oci-config.ts';
import { prepareRoot } from './root-filesystem.ts';
import { shellQuote } from './shell-quote.ts';
import type { ContainerFiles } from './state-folder.ts';
import { findTool, requireTool, runTool } from './tools.ts';

/** Containers made by crun from OCI bundles. */
export class CrunLauncher implements Launcher {
  readonly version: string;
  readonly #stateFolder: string;
  readonly #unshare = requireTool('unshare');
  readonly #sh = requireTool('sh', 'dash');
  readonly #crun = requireTool('crun', 'crun');

  constructor(version: string, stateFolder: string) {
    this.version = version;
    this.#stateFolder = stateFolder;
  }

  /** Whether crun is installed. */
  static isAvailable(): boolean {
    return findTool('crun') !== undefined;
  }

  static async create(stateFolder: string): Promise<CrunLauncher> {
    const version = (await runTool([requireTool('crun', 'crun'), '--version'])).match(/[\d.]+/)?.[0] ?? 'unknown';
    return new CrunLauncher(`crun://${version}`, join(stateFolder, 'crun'));
  }

  prepare({ files, config, pidNamespace }: ContainerPlan): void {
    if (config.user !== undefined) checkUser(config.user);
    writeFileSync(files.fstab, prepareRoot(files, config));
    writeFileSync(
      join(files.folder, 'config.json'),
      JSON.stringify(ociConfig(config, { root: files.root, pidNamespace })),
    );
    const run = ['--log', files.error, 'run', '--bundle', files.folder, '--pid-file', files.started, idOf(files)];
    // crun stays as the container's parent: it must not hold on to the other Pods' namespaces that are mounted here; some may go meanwhile.
    const script = [
      'umount --all --types nsfs 2>/dev/null || :',
      hideCgroups,
      `exec ${shellQuote(this.#crunCommand(run))} 2>&3 3>&-`,
    ];
    writeFileSync(files.script, `${rootScript(files)}${script.join('\n')}\n`);
  }

  command({ files }: ContainerPlan): string[] {
    rmSync(join(this.#stateFolder, idOf(files)), { recursive: true, force: true });
    return [this.#unshare, '--mount', '--propagation', 'private', this.#sh, files.script];
  }

  execCommand(plan: Parameters<Launcher['execCommand']>[0], command: readonly string[], tty: boolean): ExecCommand {
    const { files } = plan;
    const leftovers = join(files.folder, `exec-${randomUUID()}.log`);
    const log = tty ? ['--log', leftovers] : [];
    const exec = this.#crunCommand([...log, 'exec', '--process', this.#processFile(plan, command, tty), idOf(files)]);
    return { command: mustHideCgroups() ? this.#hidingCgroups(exec) : exec, ...(tty && { leftovers }) };
  }

  #hidingCgroups(command: readonly string[]): string[] {
    const script = [this.#sh, '-c', `${hideCgroups}; exec "$@"`, 'sh'];
    return [this.#unshare, '--mount', '--propagation', 'private', ...script, ...command];
  }

  /** Without it, crun would run the command as root. One file for each command, however often it runs. */
  #processFile({ files, config }: ContainerPlan, args: readonly string[], tty: boolean): string {
    const env = { ...(tty && { TERM: 'xterm' }), ...config.env };
    const text = JSON.stringify(ociProcess({ ...config, args, tty, env }));
    const path = join(files.folder, `exec-${createHash('sha256').update(text).digest('hex').slice(0, 16)}.json`);
    if (!existsSync(path)) {
      writeFileSync(`${path}.new`, text);
      renameSync(`${path}.new`, path);
    }
    return path;
  }

  #crunCommand(args: readonly string[]): string[] {
    return [this.#crun, '--root', this.#stateFolder, '--cgroup-manager=disabled', ...args];
  }
}

function idOf(files: ContainerFiles): string {
  return basename(files.event);
}

/** crun refuses to run where it sees cgroups of version 1 and 2 side by side, though it is told to leave them alone. */
const hideCgroups = '[ -e /sys/fs/cgroup/cgroup.controllers ] || mount -t tmpfs -o ro tmpfs /sys/fs/cgroup';

function mustHideCgroups(): boolean {
  return !readFileSync('/proc/self/mounts', 'utf8').includes(' /sys/fs/cgroup cgroup2 ');
}
