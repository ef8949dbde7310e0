import { NamespaceSandboxing } from './namespace-sandboxing.ts';
import { NamespacesLauncher } from './namespaces-launcher.ts';
import { ProcessRuntime } from './process-runtime.ts';
import type { ContainerRuntime } from './runtime.ts';

export interface RuntimeOptions {
  /** Where the runtime keeps its state: a folder on a file system that vanishes with the cluster's processes (a tmpfs). */
  readonly stateDir: string;
}

/** The runtime that needs util-linux alone. Runs the host image only. Rejects with the tool that is missing. */
export async function openNamespacesRuntime(options: RuntimeOptions): Promise<ContainerRuntime> {
  return new ProcessRuntime({
    launcher: await NamespacesLauncher.create(),
    sandboxing: new NamespaceSandboxing(),
    stateDir: options.stateDir,
  });
}
