import { MarkedSandboxing } from './marked-sandboxing.ts';
import type { RuntimeOptions } from './namespaces.ts';
import { ProcessRuntime } from './process-runtime.ts';
import { ProcessesLauncher } from './processes-launcher.ts';
import type { ContainerRuntime } from './runtime.ts';

/** The runtime that needs no namespaces: plain processes of the host. `stateDir` may be on a disk, as long as it is emptied with each start of the cluster. */
export function openProcessesRuntime({ stateDir }: RuntimeOptions): ContainerRuntime {
  return new ProcessRuntime({ launcher: new ProcessesLauncher(), sandboxing: new MarkedSandboxing(), stateDir });
}
