import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { programs } from './programs.ts';

export interface KeeperOptions {
  /** What the environment of everything to be ended says as SKIFF_CLUSTER. */
  readonly cluster: string;
  /** Is removed at the end. */
  readonly stateDir: string;
}

/**
 * Sees to it that no process of a cluster outlives it, where no namespace does: a small process that waits until its standard input
 * ends, which happens however this one ends, and then ends everything that is marked as the cluster's.
 */
export class Keeper {
  readonly #options: KeeperOptions;
  #child: ChildProcess | undefined;
  #closing = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    const { cluster, stateDir } = this.#options;
    // While it waits, it is a shell, which is smaller than Node by far.
    const program = [process.execPath, programs.keeper, cluster, stateDir];
    const child = spawn('/bin/sh', ['-c', 'read -r end; exec "$@"', 'skiff-keeper', ...program], {
      detached: true,
      stdio: ['pipe', 'ignore', 'inherit'],
      cwd: '/',
    });
    child.stdin?.on('error', () => undefined);
    child.on('error', () => undefined); // no /bin/sh: then no Pod runs either
    child.on('exit', () => {
      // Somebody has killed the one that should see to the end.
      if (!this.#closing) this.start();
    });
    this.#child = child;
  }

  /** Ends everything that is marked, and resolves when that is gone. */
  async close(): Promise<void> {
    this.#closing = true;
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.stdin?.end();
    await exited;
  }
}
