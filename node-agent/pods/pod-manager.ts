import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Pod } from '@skiff/api/types';
import { Informer } from '@skiff/client/informer';
import { type Rejection, rejectionOf } from './admission.ts';
import type { NodeServices } from './node-services.ts';
import { tearDownSandbox } from './pod-sandbox.ts';
import { PodWorker } from './pod-worker.ts';
import { asNodePod, type NodePod } from './types.ts';

/** How often every Pod is looked at though nobody said that something changed. */
const RELIST_MS = 60_000;

/** The Pods of this node: a worker for each, as the API server and the runtime know them. */
export class PodManager {
  readonly #node: NodeServices;
  readonly #informer: Informer<Pod>;
  readonly #workers = new Map<string, PodWorker>();
  readonly #running = new Set<Promise<void>>();
  #unsubscribe: (() => void)[] = [];

  constructor(node: NodeServices) {
    this.#node = node;
    this.#informer = new Informer(node.client.resource('Pod'), {
      fieldSelector: `spec.nodeName=${node.config.nodeName}`,
    });
  }

  start({ signal }: { signal: AbortSignal }): void {
    this.#informer.start({ signal });
    this.#unsubscribe = [
      this.#informer.onChange(({ type, object }) => {
        const pod = asNodePod(object);
        if (pod === undefined) return;
        if (type === 'deleted') this.#workers.get(pod.metadata.uid)?.remove(pod);
        else this.#update(pod);
      }),
      this.#node.runtime.onChange((id) => this.#workers.get(id.split('/')[0] ?? '')?.wake()),
    ];
    void this.#informer.synced().then(() => this.#removeUnknown());
    this.#relistLater(signal);
  }

  synced(): Promise<void> {
    return this.#informer.synced();
  }

  /** Lets go of all Pods, which run on. */
  async close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    for (const worker of this.#workers.values()) worker.close();
    await Promise.all(this.#running);
  }

  all(): Iterable<PodWorker> {
    return this.#workers.values();
  }

  /** The worker of the Pod of this name; of two, the one that is not yet ending. */
  find(namespace: string, name: string): PodWorker | undefined {
    const found = [...this.#workers.values()].filter(
      ({ pod: { metadata } }) => metadata.namespace === namespace && metadata.name === name,
    );
    return found.find(({ pod }) => pod.metadata.deletionTimestamp === undefined) ?? found[0];
  }

  #update(pod: NodePod): void {
    const { uid } = pod.metadata;
    const known = this.#workers.get(uid);
    if (known) {
      known.update(pod);
      return;
    }
    this.#node.objects.renew(pod.metadata.namespace);
    const rejection = this.#rejectionOf(pod);
    if (rejection) this.#node.events.event(pod, 'Warning', rejection.reason, rejection.message);
    const worker = new PodWorker(this.#node, pod, { rejection });
    this.#workers.set(uid, worker);
    const run = worker.run().finally(() => {
      this.#workers.delete(uid);
      this.#running.delete(run);
    });
    this.#running.add(run);
  }

  /** Of a Pod that has been taken before, no more is asked. */
  #rejectionOf(pod: NodePod): Rejection | undefined {
    const node = this.#node.thisNode();
    if (node === undefined || pod.status?.startTime !== undefined || !goesOn(pod)) return undefined;
    const others = [...this.#workers.values()].filter((worker) => !worker.isRejected).map((worker) => worker.pod);
    return rejectionOf(pod, { node, others: others.filter(goesOn) });
  }

  #relistLater(signal: AbortSignal): void {
    const cancel = this.#node.clock.after(RELIST_MS, () => {
      for (const worker of this.#workers.values()) worker.wake();
      this.#relistLater(signal);
    });
    signal.addEventListener('abort', cancel, { once: true });
  }

  /** What is left of Pods that were deleted while no agent ran. */
  async #removeUnknown(): Promise<void> {
    const { runtime, podNetwork, volumes, config } = this.#node;
    const isUnknown = (uid: string): boolean => uid !== '' && !this.#workers.has(uid);
    const sandboxes = (await runtime.listPodSandboxes()).map(({ podUid }) => podUid);
    const networks = (await podNetwork.list()).map(({ sandboxId }) => sandboxId);
    for (const uid of new Set([...sandboxes, ...networks])) {
      if (!isUnknown(uid)) continue;
      const containers = await runtime.listContainers(uid);
      await Promise.all(containers.map(({ id }) => runtime.stopContainer(id, { graceMs: 2000 })));
      await tearDownSandbox(this.#node, uid);
    }
    for (const folder of [`${config.stateDir}/pods`, `${config.dataDir}/pods`])
      for (const uid of namesIn(folder))
        if (isUnknown(uid)) {
          volumes.tearDown(uid);
          rmSync(join(folder, uid), { recursive: true, force: true });
        }
    const logs = `${config.dataDir}/logs`;
    for (const name of namesIn(logs))
      if (isUnknown(name.split('_').at(-1) ?? '')) rmSync(join(logs, name), { recursive: true, force: true });
  }
}

function goesOn({ metadata, status }: NodePod): boolean {
  return metadata.deletionTimestamp === undefined && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
