import { join } from 'node:path';
import type { InteractiveShimConfig } from './interactive-shim.ts';
import type { ContainerPlan } from './launcher.ts';
import type { ContainerConfig } from './runtime.ts';
import { underTerminal } from './terminals.ts';
import { requireTool } from './tools.ts';

/** For Linux, whose /proc spares it other programs. */
const shellShim = join(import.meta.dirname, 'shim.sh');
const interactiveShim = join(import.meta.dirname, 'interactive-shim.ts');
/** It copies bytes: small heaps and few threads do. */
const nodeFlags = ['--max-semi-space-size=1', '--v8-pool-size=1', '--disable-warning=ExperimentalWarning'];

/** Whether a container can be talked to: its shim is then a program that costs some 40 MB instead of one. */
export function isInteractive(config: Pick<ContainerConfig, 'stdin' | 'tty'>): boolean {
  return config.stdin === true || config.tty === true;
}

/** The command of the shim that runs `launch` inside what `enter` leads into. */
export function shimCommand(
  { files, config, pidNamespace, marks }: ContainerPlan,
  enter: readonly string[],
  launch: readonly string[],
): string[] {
  // Others who live in the same PID namespace may hold on to the output; not to that of script(1).
  const drain = pidNamespace === undefined || config.tty === true;
  const [markText] = Object.entries(marks ?? {}).map(([name, value]) => `${name}=${value}`);
  const command = [...enter, ...launch];
  if (!isInteractive(config) && process.platform === 'linux')
    return [
      requireTool('sh', 'dash'),
      ...[shellShim, files.folder, files.event, config.logPath, markText ?? (drain ? 'drain' : 'report')],
      ...command,
    ];
  const { logPath, stdin = false, stdinOnce = false, tty } = config;
  const shim: InteractiveShimConfig = {
    launcherFile: files.launcher,
    exitFile: files.exit,
    socketPath: files.attach,
    command: tty === true ? underTerminal(command) : command,
    ...{ logPath, stdin, stdinOnce, drain, ...(marks && { marks }) },
    ...(tty && { leftoversFile: files.error }),
    ...(!isInteractive(config) && { noInput: true }),
  };
  return [process.execPath, ...nodeFlags, interactiveShim, JSON.stringify(shim)];
}
