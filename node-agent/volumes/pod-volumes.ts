import { chmodSync, chownSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { type AgentConfig, podFolders } from '../config.ts';
import type { Allocatable } from '../pods/resource-field.ts';
import type { NodePod, Volume } from '../pods/types.ts';
import { canRunAs } from '../runtime/container-user.ts';
import { writeAtomically } from './atomic-writer.ts';
import { prepareHostPath } from './host-path.ts';
import { mountMemory, unmountMemory } from './memory-volume.ts';
import { VolumeError } from './payload.ts';
import type { ReferencedObjects } from './referenced-objects.ts';
import type { ServiceAccountTokens } from './service-account-tokens.ts';
import { type PayloadSources, volumePayload } from './volume-payload.ts';

export interface PodVolumesOptions {
  readonly config: AgentConfig;
  readonly objects: Pick<ReferencedObjects, 'configMap' | 'secret'>;
  readonly tokens: ServiceAccountTokens;
  readonly allocatable: () => Allocatable;
  readonly clock: Clock;
}

/** How often a running Pod's ConfigMaps and Secrets are looked at; the kubelet needs up to two minutes. */
const REFRESH_MS = 30_000;
/** It never changes while a cluster runs, and every Pod mounts it. */
const ROOT_CA = 'kube-root-ca.crt';

/** The volumes of this node's Pods: emptyDir, hostPath, configMap, secret, downwardAPI and projected. */
export class PodVolumes {
  readonly #options: PodVolumesOptions;

  constructor(options: PodVolumesOptions) {
    this.#options = options;
  }

  /**
   * Makes all of a Pod's volumes and answers with their paths, by name. May be repeated, and is: so running Pods get what has changed in
   * ConfigMaps and Secrets, and new tokens. Rejects with a {@link VolumeError}, to be told as `FailedMount`.
   */
  async setUp(pod: NodePod): Promise<ReadonlyMap<string, string>> {
    const sources = { ...this.#options, allocatable: this.#options.allocatable() };
    const made = (pod.spec.volumes ?? []).map(async (volume): Promise<[string, string]> => {
      try {
        return [volume.name, await this.#prepare(pod, volume, sources)];
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new VolumeError(`MountVolume.SetUp failed for volume "${volume.name}" : ${why}`, { cause: error });
      }
    });
    return new Map(await Promise.all(made));
  }

  /** When to {@link setUp} again, so that the content stays up to date; undefined where it can't change. */
  refreshAfterMs(pod: NodePod): number | undefined {
    const { clock, tokens } = this.#options;
    const tokensMs = tokens.refreshAt(pod.metadata.uid) - clock.now();
    const ms = Math.min(tokensMs, (pod.spec.volumes ?? []).some(showsChangingObjects) ? REFRESH_MS : tokensMs);
    return Number.isFinite(ms) ? Math.max(ms, 0) : undefined;
  }

  /** Removes what {@link setUp} made. What a hostPath shows stays. */
  tearDown(uid: string): void {
    const { config, tokens } = this.#options;
    tokens.forget(uid);
    const inMemory = join(podFolders.state(config, uid), 'volumes');
    if (config.network === 'own') unmountMemory(inMemory);
    for (const folder of [inMemory, join(podFolders.data(config, uid), 'volumes')])
      rmSync(folder, { recursive: true, force: true });
  }

  async #prepare(pod: NodePod, volume: Volume, sources: PayloadSources): Promise<string> {
    const { config } = this.#options;
    const { uid } = pod.metadata;
    if (volume.hostPath) return prepareHostPath(volume.hostPath);
    const inMemory = join(podFolders.state(config, uid), 'volumes', volume.name);
    const payload = await volumePayload(pod, volume, sources);
    if (payload) {
      writeAtomically(inMemory, payload, { group: groupOf(config, pod) });
      return inMemory;
    }
    const kind = Object.keys(volume).find((key) => key !== 'name');
    if (kind !== undefined && kind !== 'emptyDir')
      throw new VolumeError(`this cluster has no volumes of type "${kind}"`);
    const { medium, sizeLimit } = volume.emptyDir ?? {};
    const isMemory = medium === 'Memory';
    const folder = isMemory ? inMemory : emptyDirFolder(config, pod, volume.name);
    if (!existsSync(folder)) {
      mkdirSync(folder, { recursive: true });
      // Nothing can be mounted on the host's own files, nor given to other groups.
      if (isMemory && sizeLimit && config.network === 'own') await mountMemory(folder, sizeLimit);
      // Without the process's umask: containers may run as any user. What is made below it belongs to the Pod's group too.
      const group = groupOf(config, pod);
      if (group !== undefined) chownSync(folder, process.getuid?.() ?? 0, group);
      chmodSync(folder, group === undefined ? 0o777 : 0o2777);
    }
    return folder;
  }
}

/** Where an `emptyDir` is that is not in memory. */
export function emptyDirFolder(config: AgentConfig, { metadata }: NodePod, name: string): string {
  return join(podFolders.data(config, metadata.uid), 'volumes', name);
}

/** The `fsGroup` of a Pod, where this node has such an id; where not, its containers are refused with that reason. */
function groupOf({ network }: AgentConfig, pod: NodePod): number | undefined {
  const group = pod.spec.securityContext?.fsGroup;
  return network === 'own' && group !== undefined && canRunAs({ uid: 0, gid: group }) ? group : undefined;
}

function showsChangingObjects({ configMap, secret, projected }: Volume): boolean {
  if (configMap || secret) return true;
  const sources = projected?.sources ?? [];
  return sources.some((source) => source.secret || (source.configMap && source.configMap.name !== ROOT_CA));
}
