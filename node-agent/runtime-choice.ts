import type { AgentConfig } from './config.ts';
import { isCrunInstalled, openCrunRuntime } from './runtime/crun.ts';
import { openNamespacesRuntime } from './runtime/namespaces.ts';
import type { ContainerRuntime } from './runtime/runtime.ts';

/** Opens the runtime that a node was given: `auto` takes crun where it is installed. Rejects with the tool that is missing. */
export function openRuntime({ runtime, stateDir }: AgentConfig): Promise<ContainerRuntime> {
  const open =
    runtime === 'crun' || (runtime === 'auto' && isCrunInstalled()) ? openCrunRuntime : openNamespacesRuntime;
  return open({ stateDir: `${stateDir}/runtime` });
}
