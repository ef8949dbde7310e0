import type { Marks } from './marked-processes.ts';
import type { ProcessIdentity } from './process-identity.ts';
import type { PodSandbox, PodSandboxConfig } from './runtime.ts';
import type { ContainerFiles, SandboxFiles } from './state-folder.ts';

/**
 * What holds the processes of a Pod together, so that they can be found and ended: namespaces (namespace-sandboxing.ts), or where these are
 * refused, marks in their environment (marked-sandboxing.ts).
 */
export interface Sandboxing {
  /** Makes what a Pod's containers share. May be repeated. */
  make(files: SandboxFiles, config: PodSandboxConfig): Promise<void>;
  /** Removes it, with what may still run in it. May be repeated. */
  remove(files: SandboxFiles): Promise<void>;
  /** What to put in front of a command that is to run in a sandbox. */
  enter(files: SandboxFiles, sandbox: PodSandbox): string[];
  /** Path of the PID namespace that a container is to join: the Pod's own, or that of another container. */
  pidNamespace(files: SandboxFiles, target: ProcessIdentity | undefined): string | undefined;
  /** What the environment of all of a container's processes has, where that is how they are found. */
  marks(files: ContainerFiles): Marks | undefined;
  /** The container's first process; undefined where it has none (yet). It may be found before it is the program itself. */
  findInit(files: ContainerFiles): ProcessIdentity | undefined;
  /** Kills all processes of a container, whose first one is `init`. */
  kill(files: ContainerFiles, init: ProcessIdentity): Promise<void>;
  /** Kills what outlived its container. `containers` are the sandbox's whose shim was started. */
  killStrays(files: SandboxFiles, containers: readonly ContainerFiles[]): void;
  /** The home of a container's user, where nothing else is said. */
  home(files: ContainerFiles, uid: number): string;
}
