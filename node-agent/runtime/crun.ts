import { CrunLauncher } from './crun-launcher.ts';
import { NamespaceSandboxing } from './namespace-sandboxing.ts';
import type { RuntimeOptions } from './namespaces.ts';
import { ProcessRuntime } from './process-runtime.ts';
import type { ContainerRuntime } from './runtime.ts';

/** Whether {@link openCrunRuntime} can be tried: crun is on the PATH. */
export function isCrunInstalled(): boolean {
  return CrunLauncher.isAvailable();
}

/** The runtime that makes OCI bundles and lets crun run them. Rejects where crun is missing. */
export async function openCrunRuntime(options: RuntimeOptions): Promise<ContainerRuntime> {
  return new ProcessRuntime({
    launcher: await CrunLauncher.create(options.stateDir),
    sandboxing: new NamespaceSandboxing(),
    stateDir: options.stateDir,
  });
}
