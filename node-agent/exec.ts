import { spawn } from 'node:child_process';

/** A program that ended badly. The message is what it said, cut to a readable length. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  /** Exit code; undefined where a signal ended it or it could not be started. */
  readonly code: number | undefined;
  readonly stderr: string;

  constructor(about: { command: string; code: number | undefined; stderr: string }) {
    super(`${about.command}: ${about.stderr.trim().slice(0, 500) || `ended with code ${about.code ?? 'none'}`}`);
    this.code = about.code;
    this.stderr = about.stderr;
  }
}

export interface RunOptions {
  /** Written to its standard input. */
  readonly input?: string;
  /** Kills it. */
  readonly signal?: AbortSignal;
}

/**
 * Runs one of the system's network programs (`ip`, `nft`, `conntrack`, `sh`) to its end, in the namespaces of this process. Resolves with
 * its standard output; rejects with {@link CommandFailed}.
 */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const { input, signal } = options;
    const child = spawn(command, args, {
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      ...(signal === undefined ? {} : { signal, killSignal: 'SIGKILL' }),
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (stderr.length < 64 * 1024) stderr += text;
    });
    // It may end without reading all: its exit code tells the rest.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
    child.once('error', (error) => reject(new CommandFailed({ command, code: undefined, stderr: error.message })));
    child.once('close', (code) => {
      if (code === 0) resolve(stdout);
      else reject(new CommandFailed({ command, code: code ?? undefined, stderr }));
    });
  });
}
