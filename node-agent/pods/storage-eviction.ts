import type { Clock } from '../clock.ts';
import { type AgentConfig, podFolders } from '../config.ts';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import { writableLayerBytes } from '../runtime/writable-layer.ts';
import { diskUsage } from '../volumes/disk-usage.ts';
import { emptyDirFolder } from '../volumes/pod-volumes.ts';
import { disks, exceededLimit, isLimited, type LocalStorageUsage } from './local-storage.ts';
import { allContainers, type NodePod } from './types.ts';

/** A Pod that can be evicted. */
export interface EvictablePod {
  readonly pod: NodePod;
  /** Ends it, with that message. Nothing happens to one that is over, or ending. */
  evict(message: string): void;
}

export interface StorageEvictionOptions {
  readonly pods: () => Iterable<EvictablePod>;
  readonly config: AgentConfig;
  readonly runtime: Pick<ContainerRuntime, 'listContainers'>;
  readonly clock: Clock;
}

/** As often as the kubelet's eviction manager looks. */
const EVERY_MS = 10_000;

/**
 * Evicts Pods that take more of the node's disk than they may: the `sizeLimit` of an `emptyDir`, the `ephemeral-storage` limits of containers
 * (Kubernetes: "Local ephemeral storage"). Only Pods with such a limit are measured, all of them by one process.
 */
export class StorageEviction {
  readonly #options: StorageEvictionOptions;

  constructor(options: StorageEvictionOptions) {
    this.#options = options;
  }

  start({ signal }: { signal: AbortSignal }): void {
    if (signal.aborted) return;
    const cancel = this.#options.clock.after(EVERY_MS, () => {
      // What could not be measured now is measured the next time.
      void this.look()
        .catch(() => undefined)
        .then(() => this.start({ signal }));
    });
    signal.addEventListener('abort', cancel, { once: true });
  }

  /** Measures every Pod that has a limit once. */
  async look(): Promise<void> {
    const { config } = this.#options;
    const limited = [...this.#options.pods()].filter(({ pod }) => isLimited(pod));
    const sizes = await diskUsage(limited.flatMap(({ pod }) => [...foldersOf(config, pod).values()]));
    for (const one of limited) {
      const message = exceededLimit(one.pod, await this.#usage(one.pod, sizes));
      if (message !== undefined) one.evict(message);
    }
  }

  async #usage(pod: NodePod, sizes: ReadonlyMap<string, number>): Promise<LocalStorageUsage> {
    const { config, runtime } = this.#options;
    const folders = foldersOf(config, pod);
    const size = (key: string): number => sizes.get(folders.get(key) ?? '') ?? 0;
    const volumes = new Map(disks(pod).map(({ name }) => [name, size(`volume ${name}`)]));
    const containers = new Map(allContainers(pod.spec).map(({ name }) => [name, size(`log ${name}`)]));
    for (const { name, pid, state } of await runtime.listContainers(pod.metadata.uid))
      if (state === 'running') containers.set(name, (containers.get(name) ?? 0) + (await writableLayerBytes(pid)));
    return { volumes, containers };
  }
}

function foldersOf(config: AgentConfig, pod: NodePod): Map<string, string> {
  const logs = podFolders.logs(config, pod.metadata);
  return new Map([
    ...disks(pod).map(({ name }): [string, string] => [`volume ${name}`, emptyDirFolder(config, pod, name)]),
    ...allContainers(pod.spec).map(({ name }): [string, string] => [`log ${name}`, `${logs}/${name}`]),
  ]);
}
