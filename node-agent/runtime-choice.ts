import type { AgentConfig } from './config.ts';
import { isCrunInstalled, openCrunRuntime } from './runtime/crun.ts';
import { openNamespacesRuntime } from './runtime/namespaces.ts';
import { openProcessesRuntime } from './runtime/plain-processes.ts';
import type { ContainerRuntime } from './runtime/runtime.ts';

/**
 * Opens the runtime that a node was given: `auto` takes crun where it is installed, and plain processes where Pods use the host's network.
 * Rejects with the tool that is missing.
 */
export async function openRuntime({ runtime, network, stateDir }: AgentConfig): Promise<ContainerRuntime> {
  if (network === 'host') return openProcessesRuntime({ stateDir: `${stateDir}/runtime` });
  const open =
    runtime === 'crun' || (runtime === 'auto' && isCrunInstalled()) ? openCrunRuntime : openNamespacesRuntime;
  return open({ stateDir: `${stateDir}/runtime` });
}
