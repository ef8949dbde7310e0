import { writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { ContainerPlan, ExecCommand, Launcher } from './launcher.ts';
import { LinkedRoot } from './linked-root.ts';
import { programCheck } from './program-check.ts';
import type { ContainerConfig } from './runtime.ts';
import { shellQuote } from './shell-quote.ts';
import { requireTool, toolEnvironment, toolPath } from './tools.ts';

/** Loaded by every Node program in a container. */
const preload = join(import.meta.dirname, '../preload/main.cjs');

/**
 * Containers as plain processes, which share the host's network, files and process table: for where namespaces are refused. Runs built-in
 * images and the host's own programs. Paths of mounts in arguments and variables are turned into the real ones; beyond that, Node programs
 * find mounts at their paths by a preload, and others below the folder SKIFF_ROOT.
 */
export class ProcessesLauncher implements Launcher {
  readonly version = `processes://${process.versions.node}`;
  readonly #sh = requireTool('sh', 'dash');
  readonly #env = requireTool('env', 'coreutils');

  prepare(plan: ContainerPlan): void {
    const { files, config } = plan;
    if (config.image.type === 'layers')
      throw new Error(`the image ${config.image.id} can't be run: images with layers need namespaces, refused here`);
    checkUser(config.user);
    const root = new LinkedRoot(files, config);
    root.make();
    const env = environment(plan, root);
    const args = config.args.map((arg) => root.realPaths(arg));
    const [folder, error, started] = [root.folder(config.workingDir ?? '/'), files.error, files.started].map((path) =>
      shellQuote([path]),
    );
    const lines = [
      'set -e',
      `exec 3>&2 2>${error} 4>${started}`,
      `mkdir -p ${folder}`,
      `cd ${folder}`,
      `${programCheck({ args, env })}echo $$ >&4`,
      `exec ${shellQuote(this.#program(env, args))} 2>&3 3>&- 4>&-`,
    ];
    writeFileSync(files.script, `${lines.join('\n')}\n`);
  }

  command({ files }: ContainerPlan): string[] {
    return [this.#sh, files.script];
  }

  execCommand(plan: ContainerPlan, command: readonly string[], tty: boolean): ExecCommand {
    const root = new LinkedRoot(plan.files, plan.config);
    const env = { ...(tty && { TERM: 'xterm' }), ...environment(plan, root) };
    const inFolder = [this.#sh, '-c', 'cd "$0" && exec "$@"', root.folder(plan.config.workingDir ?? '/')];
    const words = command.map((word) => root.realPaths(word));
    return { command: [...inFolder, ...this.#program(env, words)] };
  }

  #program(env: Readonly<Record<string, string>>, args: readonly string[]): string[] {
    return [this.#env, '-i', ...Object.entries(env).map(([name, value]) => `${name}=${value}`), ...args];
  }
}

/** The container's own variables, with real paths, and what makes its processes known and at home. */
function environment({ config, marks }: ContainerPlan, root: LinkedRoot): Record<string, string> {
  const own = Object.entries(config.env).map(([name, value]) => [name, root.realPaths(value)]);
  const { PATH = '', NODE_OPTIONS = '', ...others }: Record<string, string> = Object.fromEntries(own);
  // The cluster's marks, which this process has too; its PATH and the like are the container's own.
  const { PATH: _path, SHELL: _shell, ...inherited } = toolEnvironment;
  return {
    ...inherited,
    ...others,
    PATH: [...new Set([PATH, toolPath, dirname(process.execPath)].join(delimiter).split(delimiter))].join(delimiter),
    NODE_OPTIONS: `--require=${JSON.stringify(preload)} ${NODE_OPTIONS}`.trim(),
    SKIFF_ROOT: root.path,
    ...marks,
  };
}

/** Plain processes run as the user who started the cluster; so does, here as elsewhere, who is to be root. */
function checkUser(user: ContainerConfig['user']): void {
  const own = process.getuid?.();
  if (user === undefined || user.uid === 0 || user.uid === own) return;
  throw new Error(
    `runAsUser ${user.uid} can't be had: where namespaces are refused, programs run as the user who started the cluster (${own})`,
  );
}
