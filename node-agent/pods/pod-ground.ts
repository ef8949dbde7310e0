import { rmSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { podFolders } from '../config.ts';
import { VolumeError } from '../volumes/payload.ts';
import type { NodeServices } from './node-services.ts';
import { type PodSandboxState, setUpSandbox, tearDownSandbox } from './pod-sandbox.ts';
import type { NodePod } from './types.ts';

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 15_000;
const REFRESH_RETRY_MS = 10_000;

/** What a Pod's containers stand on: its sandbox with the network, and its volumes, which are kept up to date. */
export class PodGround {
  readonly #node: NodeServices;
  #sandbox: PodSandboxState | undefined;
  #volumes: ReadonlyMap<string, string> | undefined;
  #volumesDue = Number.POSITIVE_INFINITY;
  #metadata: unknown;
  #retryMs = FIRST_RETRY_MS;

  constructor(node: NodeServices) {
    this.#node = node;
  }

  get sandbox(): PodSandboxState | undefined {
    return this.#sandbox;
  }

  get volumes(): ReadonlyMap<string, string> {
    return this.#volumes ?? new Map();
  }

  /**
   * Makes what is missing and refreshes what is due. Answers with when to be called again, if at all, and whether containers can be
   * started; what went wrong is told in Events.
   */
  async prepare(pod: NodePod): Promise<{ ready: boolean; afterMs?: number | undefined }> {
    const wasReady = this.#sandbox !== undefined && this.#volumes !== undefined;
    const results = await Promise.allSettled([this.#prepareSandbox(pod), this.#prepareVolumes(pod)]);
    const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    if (errors.length === 0) {
      this.#retryMs = FIRST_RETRY_MS;
      return { ready: true, afterMs: this.#untilVolumesDue() };
    }
    // The first failure is often only the cluster's own start; nobody needs to hear of it.
    if (wasReady || this.#retryMs > FIRST_RETRY_MS) for (const error of errors) this.#tell(pod, error);
    if (wasReady) return { ready: true, afterMs: REFRESH_RETRY_MS };
    const afterMs = this.#retryMs;
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
    return { ready: false, afterMs };
  }

  /** Ends all that runs there and gives the network and the volumes back. */
  async tearDown(pod: NodePod): Promise<void> {
    await tearDownSandbox(this.#node, pod.metadata.uid);
    this.#giveBack(pod);
  }

  /** The same, but the runtime still knows how the containers ended. */
  async stop(pod: NodePod): Promise<void> {
    const { uid } = pod.metadata;
    await this.#node.runtime.stopPodSandbox(uid);
    await this.#node.podNetwork.tearDown(uid);
    this.#giveBack(pod);
  }

  #giveBack(pod: NodePod): void {
    const { uid } = pod.metadata;
    const { config, volumes } = this.#node;
    volumes.tearDown(uid);
    rmSync(podFolders.state(config, uid), { recursive: true, force: true });
    rmSync(podFolders.data(config, uid), { recursive: true, force: true });
    this.#sandbox = undefined;
    this.#volumes = undefined;
  }

  async #prepareSandbox(pod: NodePod): Promise<void> {
    this.#sandbox ??= await setUpSandbox(this.#node, pod);
  }

  async #prepareVolumes(pod: NodePod): Promise<void> {
    const { labels, annotations } = pod.metadata;
    const metadata = { labels, annotations };
    const { clock, volumes } = this.#node;
    if (this.#volumes && clock.now() < this.#volumesDue && isDeepStrictEqual(metadata, this.#metadata)) return;
    this.#volumesDue = clock.now() + REFRESH_RETRY_MS;
    this.#volumes = await volumes.setUp(pod);
    this.#metadata = metadata;
    this.#volumesDue = clock.now() + (volumes.refreshAfterMs(pod) ?? Number.POSITIVE_INFINITY);
  }

  #untilVolumesDue(): number | undefined {
    const ms = this.#volumesDue - this.#node.clock.now();
    return Number.isFinite(ms) ? Math.max(ms, 0) : undefined;
  }

  #tell(pod: NodePod, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof VolumeError) this.#node.events.event(pod, 'Warning', 'FailedMount', message);
    else this.#node.events.event(pod, 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${message}`);
  }
}
