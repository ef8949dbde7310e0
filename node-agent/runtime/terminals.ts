import { spawn } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { childrenOf, findInit } from './process-identity.ts';
import { shellQuote } from './shell-quote.ts';
import { requireTool, toolEnvironment } from './tools.ts';

/** The command under a new terminal whose other end is the standard streams; it ends with the command's exit status. */
export function underTerminal(command: readonly string[]): string[] {
  return [
    requireTool('script', 'bsdutils'),
    '--quiet',
    '--return',
    '--flush',
    '--command',
    `exec ${shellQuote(command)}`,
    '/dev/null',
  ];
}

/** How long a terminal may take to be made. */
const APPEAR_MS = 10_000;
const LOOK_MS = 20;

/** Gives the terminal of an {@link underTerminal} command, and the one that crun makes inside it, a size; also one that is asked for early. */
export class TerminalSize {
  readonly #script: number | undefined;
  readonly #namespaces: boolean;
  #wanted: { columns: number; rows: number } | undefined;
  #until = 0;

  /** `namespaces`: whether the command changes its PID namespace before it is what it is to be. */
  constructor(script: number | undefined, { namespaces }: { namespaces: boolean }) {
    this.#script = script;
    this.#namespaces = namespaces;
  }

  set(size: { columns: number; rows: number }): void {
    const isWaiting = this.#wanted !== undefined;
    this.#wanted = size;
    this.#until = Date.now() + APPEAR_MS;
    if (!isWaiting) this.#apply();
  }

  #apply(): void {
    const size = this.#wanted;
    if (this.#script === undefined || size === undefined) return;
    const isThere = this.#namespaces
      ? findInit(this.#script) !== undefined
      : childrenOf(this.#script).some(hasTerminal);
    if (!isThere && Date.now() < this.#until) {
      setTimeout(() => this.#apply(), LOOK_MS).unref();
      return;
    }
    this.#wanted = undefined;
    for (const terminal of terminalsOf(this.#script)) {
      const args = ['-F', terminal, 'cols', String(size.columns), 'rows', String(size.rows)];
      // The program may have ended; a size is not worth an error.
      spawn(requireTool('stty', 'coreutils'), args, { stdio: 'ignore', env: toolEnvironment }).on('error', () => {});
    }
  }
}

/** The terminal that script(1) made, and the one that crun makes inside it, whose size crun does not keep up with. */
function terminalsOf(script: number): string[] {
  const inside = findInit(script)?.pid;
  return [...childrenOf(script), ...(inside === undefined ? [] : [inside])].map((pid) => `/proc/${pid}/fd/0`);
}

function hasTerminal(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/fd/0`).startsWith('/dev/pts/');
  } catch {
    return false;
  }
}
