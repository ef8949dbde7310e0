import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { ExecCommand } from './launcher.ts';
import { childrenOf } from './process-identity.ts';
import type { ExecOptions, ExecSession } from './runtime.ts';
import { withLeftovers } from './terminal-leftovers.ts';
import { TerminalSize, underTerminal } from './terminals.ts';
import { toolEnvironment } from './tools.ts';

/** Runs `command` with pipes, or under a terminal that script(1) makes. */
export function startExec(
  { command, makesTerminal = false, leftovers }: ExecCommand,
  options: ExecOptions & { readonly namespaces: boolean },
): ExecSession {
  const [file = '', ...args] = options.tty === true && !makesTerminal ? underTerminal(command) : command;
  // Its own process group reaches across PID namespaces, so that what was begun can be ended.
  const child = spawn(file, args, { detached: true, cwd: '/', env: toolEnvironment, stdio: ['pipe', 'pipe', 'pipe'] });
  const terminal = new TerminalSize(child.pid, { ...options, madeInside: makesTerminal });
  // script(1) makes a key of the end of its input; a terminal where nobody types has none.
  if (options.stdin !== true && options.tty !== true) child.stdin.end();
  // A program may end before it has read all its input.
  child.stdin.on('error', () => {});
  if (options.tty === true) child.stderr.resume();
  const exitCode = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
  const end = (): void => killTree(child.pid);
  options.signal?.addEventListener('abort', end, { once: true });
  const stopListening = (): void => options.signal?.removeEventListener('abort', end);
  exitCode.then(stopListening, stopListening);
  if (options.signal?.aborted === true) end();
  return {
    stdin: options.stdin === true ? child.stdin : undefined,
    stdout: leftovers === undefined ? child.stdout : withLeftovers(child.stdout, leftovers),
    stderr: options.tty === true ? undefined : child.stderr,
    exitCode,
    resize: (size) => terminal.set(size),
  };
}

/** Kills a process and all that came from it, deepest first. */
function killTree(pid: number | undefined): void {
  if (pid === undefined) return;
  for (const child of childrenOf(pid)) killTree(child);
  try {
    process.kill(pid, 'SIGKILL');
  } catch {}
}
