import { spawn } from 'node:child_process';
import { readlinkSync, statSync } from 'node:fs';
import { childrenOf, findInit } from './process-identity.ts';
import { psTerminal } from './ps.ts';
import { shellQuote } from './shell-quote.ts';
import { requireTool, toolEnvironment } from './tools.ts';

/**
 * The command under a new terminal whose other end is the standard streams; it ends with the command's exit status. macOS has a script(1)
 * of its own, which was not tried.
 */
export function underTerminal(command: readonly string[]): string[] {
  if (process.platform !== 'linux')
    return [requireTool('script', 'bsdutils'), '-q', '-t', '0', '/dev/null', ...command];
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
  readonly #madeInside: boolean;
  #wanted: { columns: number; rows: number } | undefined;
  #until = 0;

  /**
   * `namespaces`: whether the command changes its PID namespace before it is what it is to be. `madeInside`: whether that is script(1), which
   * only then makes the terminal.
   */
  constructor(
    script: number | undefined,
    { namespaces, madeInside = false }: { namespaces: boolean; madeInside?: boolean },
  ) {
    this.#script = script;
    this.#namespaces = namespaces;
    this.#madeInside = madeInside;
  }

  set(size: { columns: number; rows: number }): void {
    const isWaiting = this.#wanted !== undefined;
    this.#wanted = size;
    this.#until = Date.now() + APPEAR_MS;
    if (!isWaiting) this.#apply();
  }

  /** Of a command that is what it is to be from the beginning, or from when it is inside. */
  #plainTerminals(): string[] {
    if (this.#script === undefined) return [];
    if (!this.#madeInside) return childrenOf(this.#script).flatMap((child) => terminalOf(child) ?? []);
    const inside = findInit(this.#script);
    // By its name in there, nobody out here finds it.
    const inputs = inside === undefined ? [] : childrenOf(inside.pid).map((pid) => `/proc/${pid}/fd/0`);
    return inputs.filter((path) => statSync(path, { throwIfNoEntry: false })?.isCharacterDevice() === true);
  }

  #apply(): void {
    const size = this.#wanted;
    if (this.#script === undefined || size === undefined) return;
    const isPlain = this.#madeInside || !this.#namespaces;
    const isThere = !isPlain ? findInit(this.#script) !== undefined : this.#plainTerminals().length > 0;
    if (!isThere && Date.now() < this.#until) {
      setTimeout(() => this.#apply(), LOOK_MS).unref();
      return;
    }
    this.#wanted = undefined;
    for (const terminal of isPlain ? this.#plainTerminals() : terminalsOf(this.#script)) {
      const args = [
        process.platform === 'linux' ? '-F' : '-f',
        terminal,
        'cols',
        String(size.columns),
        'rows',
        String(size.rows),
      ];
      // The program may have ended; a size is not worth an error.
      spawn(requireTool('stty', 'coreutils'), args, { stdio: 'ignore', env: toolEnvironment }).on('error', () => {});
    }
  }
}

/** The terminal of a process whose input is one. */
function terminalOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return psTerminal(pid);
  try {
    const path = readlinkSync(`/proc/${pid}/fd/0`);
    return path.startsWith('/dev/pts/') ? path : undefined;
  } catch {
    return undefined; // it is gone
  }
}

/** The terminal that script(1) made, and the one that crun makes inside it, whose size crun does not keep up with. */
function terminalsOf(script: number): string[] {
  const inside = findInit(script)?.pid;
  return [...childrenOf(script), ...(inside === undefined ? [] : [inside])].map((pid) => `/proc/${pid}/fd/0`);
}
