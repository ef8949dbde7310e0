import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { killMarked, type Marks } from './marked-processes.ts';
import { identify, type ProcessIdentity, signalProcess } from './process-identity.ts';
import type { Sandboxing } from './sandboxing.ts';
import { type ContainerFiles, readText, type SandboxFiles } from './state-folder.ts';

/**
 * For plain processes, which share everything with the host's: a Pod's containers have nothing of their own to make, and a container's
 * processes are those that carry its id in their environment.
 */
export class MarkedSandboxing implements Sandboxing {
  async make(files: SandboxFiles): Promise<void> {
    mkdirSync(files.folder, { recursive: true });
  }

  /** Where a container's shim was killed, nothing else ends what the container's first process left behind. */
  async remove({ id, containers }: SandboxFiles): Promise<void> {
    const found = existsSync(containers) ? readdirSync(containers) : [];
    for (const name of found) await killMarked({ SKIFF_CONTAINER: `${id}/${name.replace('.', '/')}` });
  }

  enter(): string[] {
    return [];
  }

  /** All see all. */
  pidNamespace(): undefined {
    return undefined;
  }

  marks({ id }: ContainerFiles): Marks {
    return { SKIFF_CONTAINER: id };
  }

  /** The launcher writes its own PID before it becomes the program. */
  findInit(files: ContainerFiles): ProcessIdentity | undefined {
    return identify(Number(readText(files.started) || Number.NaN));
  }

  /** The first one by its PID too, as it gets its environment only when it becomes the program. */
  async kill(files: ContainerFiles, init: ProcessIdentity): Promise<void> {
    signalProcess(init, 'SIGKILL');
    await killMarked(this.marks(files));
  }

  /** There are none: before it reports the end, a container's shim kills what carries the mark. */
  killStrays(): void {}

  /** The host's /root is no place for a container, even where its program may write there. */
  home(files: ContainerFiles): string {
    return files.root;
  }
}
