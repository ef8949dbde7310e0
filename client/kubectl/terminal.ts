import type { Readable } from 'node:stream';
import type { TerminalSize } from '../exec.ts';

/** The terminal of this process, as a program in a container sees it: keys come unchanged, and its size is told. */
export class Terminal implements Disposable {
  readonly #stdin = process.stdin;
  readonly #listeners = new Set<() => void>();

  /** Whether both ends are a terminal at all. */
  static isThere(stdin: Readable): boolean {
    return stdin === process.stdin && process.stdin.isTTY === true;
  }

  start(): void {
    this.#stdin.setRawMode(true);
  }

  /** Tells the size now and whenever it changes. */
  onSize(tell: (size: TerminalSize) => void): void {
    const listener = (): void => {
      const { columns, rows } = process.stdout;
      if (columns && rows) tell({ columns, rows });
    };
    this.#listeners.add(listener);
    process.stdout.on('resize', listener);
    listener();
  }

  [Symbol.dispose](): void {
    for (const listener of this.#listeners) process.stdout.off('resize', listener);
    this.#stdin.setRawMode(false);
  }
}
