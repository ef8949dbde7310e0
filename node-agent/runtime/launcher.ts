import type { Marks } from './marked-processes.ts';
import type { ProcessIdentity } from './process-identity.ts';
import type { ContainerConfig } from './runtime.ts';
import type { ContainerFiles } from './state-folder.ts';

/** How a runtime makes one container; everything else (sandboxes, shims, logs, state) the runtimes share. */
export interface Launcher {
  /** As in ContainerRuntime. */
  readonly version: string;
  /** Writes what `command` reads. Rejects what this runtime can't do. May be repeated. */
  prepare(container: ContainerPlan): void;
  /**
   * A command that becomes or starts the container's first process and ends with its exit status. It runs in the sandbox's
   * namespaces, writes to `files.started` when the program runs, or to `files.error` what kept it from running.
   */
  command(container: ContainerPlan): string[];
  /** A command that runs another program in the container. */
  execCommand(
    container: ContainerPlan & { init: ProcessIdentity },
    command: readonly string[],
    tty: boolean,
  ): ExecCommand;
}

export interface ExecCommand {
  readonly command: readonly string[];
  /** Whether it makes the terminal itself that it was asked for, in the container. */
  readonly makesTerminal?: boolean;
  /** Where, after its end, the rest may be of what it said: see terminal-leftovers.ts. */
  readonly leftovers?: string;
}

export interface ContainerPlan {
  readonly files: ContainerFiles;
  readonly config: ContainerConfig;
  /** Path of the PID namespace that the Pod's containers share, where they do. */
  readonly pidNamespace: string | undefined;
  /** What the environment of all its processes is to have; see Sandboxing. */
  readonly marks: Marks | undefined;
}
