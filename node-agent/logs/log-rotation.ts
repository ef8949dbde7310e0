import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';

export interface LogRotationOptions {
  /** With a folder for each Pod, in it one for each container, in that a file for each run: `0.log`. */
  readonly folder: string;
  readonly clock: Clock;
  /** A file that is larger is put aside. The kubelet's `containerLogMaxSize`. */
  readonly mostBytes?: number;
  /** How many files a run has at most, with the one that is written to. The kubelet's `containerLogMaxFiles`. */
  readonly mostFiles?: number;
}

const EVERY_MS = 10_000;

/**
 * Keeps the logs of containers from filling the disk: `0.log` becomes `0.log.20260102-030405.678`, the oldest of these are removed. Whoever
 * writes opens the file anew for each line, so nothing is lost; whoever follows it goes on with the new one.
 */
export class LogRotation {
  readonly #options: Required<LogRotationOptions>;

  constructor(options: LogRotationOptions) {
    this.#options = { mostBytes: 10 * 1024 * 1024, mostFiles: 5, ...options };
  }

  start({ signal }: { signal: AbortSignal }): void {
    if (signal.aborted) return;
    const cancel = this.#options.clock.after(EVERY_MS, () => {
      // What could not be done now is done the next time.
      void this.rotate()
        .catch(() => undefined)
        .then(() => this.start({ signal }));
    });
    signal.addEventListener('abort', cancel, { once: true });
  }

  /** Looks at every log once. */
  async rotate(): Promise<void> {
    const { folder } = this.#options;
    for (const pod of await namesIn(folder))
      for (const container of await namesIn(join(folder, pod))) await this.#rotateIn(join(folder, pod, container));
  }

  async #rotateIn(folder: string): Promise<void> {
    const { mostBytes, mostFiles, clock } = this.#options;
    const names = await namesIn(folder);
    for (const name of names.filter((one) => /^\d+\.log$/.test(one))) {
      const { size } = await stat(join(folder, name));
      if (size <= mostBytes) continue;
      const time = new Date(clock.now()).toISOString().replaceAll(/[-:Z]/g, '').replace('T', '-');
      await rename(join(folder, name), join(folder, `${name}.${time}`));
      const aside = [...names.filter((one) => one.startsWith(`${name}.`)), `${name}.${time}`].sort();
      for (const old of aside.slice(0, Math.max(0, aside.length - (mostFiles - 1)))) await rm(join(folder, old));
    }
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
