import { keyOf, type ObjectKey, type StoredMeta } from '@skiff/api/meta';
import { isConflict, isNotFound } from '@skiff/api/status';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '@skiff/api/types';
import type { Informer } from '@skiff/client/informer';
import { ReconcileLoop, type Reconciler } from '@skiff/client/reconciler';
import type { ResourceClient } from '@skiff/client/resource';
import type { Controller, ControllerContext } from '../controller.ts';
import { isPodFinished } from '../pod-state.ts';

const claimFinalizer = 'kubernetes.io/pvc-protection';
const volumeFinalizer = 'kubernetes.io/pv-protection';

const isEnding = ({ metadata }: { metadata: StoredMeta }, finalizer: string): boolean =>
  metadata.deletionTimestamp !== undefined && (metadata.finalizers?.includes(finalizer) ?? false);

const claimsOf = ({ spec }: Pod): string[] =>
  (spec?.volumes ?? []).flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []);

/** Lets go of claims that no Pod uses any more, and of volumes that no claim holds (upstream: pvc-protection and pv-protection). */
export class VolumeProtectionController implements Controller {
  readonly name = 'volume-protection-controller';
  readonly #claims: Informer<PersistentVolumeClaim>;
  readonly #volumes: Informer<PersistentVolume>;
  readonly #pods: Informer<Pod>;
  readonly #claimClient: ResourceClient<PersistentVolumeClaim>;
  readonly #volumeClient: ResourceClient<PersistentVolume>;
  readonly #claimLoop: ReconcileLoop;
  readonly #volumeLoop: ReconcileLoop;
  #unsubscribe: (() => void)[] = [];

  constructor({ informers, client, logger }: ControllerContext) {
    this.#claims = informers.for('PersistentVolumeClaim');
    this.#volumes = informers.for('PersistentVolume');
    this.#pods = informers.for('Pod');
    this.#claimClient = client.resource('PersistentVolumeClaim');
    this.#volumeClient = client.resource('PersistentVolume');
    const loop = (what: string, reconciler: Reconciler): ReconcileLoop =>
      new ReconcileLoop({ name: `${what}-protection-controller`, reconciler, workers: 1, logger });
    this.#claimLoop = loop('pvc', { reconcile: (key) => this.#claim(key) });
    this.#volumeLoop = loop('pv', { reconcile: (key) => this.#volume(key) });
  }

  start({ signal }: { signal: AbortSignal }): void {
    this.#unsubscribe = [
      this.#claims.onChange(({ object }) => {
        if (isEnding(object, claimFinalizer)) this.#claimLoop.enqueue(object);
      }),
      this.#volumes.onChange(({ object }) => {
        if (isEnding(object, volumeFinalizer)) this.#volumeLoop.enqueue(object);
      }),
      this.#pods.onChange(({ type, object }) => {
        if (type !== 'deleted' && !isPodFinished(object)) return;
        const { namespace } = object.metadata;
        for (const name of claimsOf(object)) this.#claimLoop.enqueue({ namespace, name });
      }),
    ];
    this.#claimLoop.start({ signal });
    this.#volumeLoop.start({ signal });
  }

  async close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await Promise.all([this.#claimLoop.close(), this.#volumeLoop.close()]);
  }

  async #claim(key: ObjectKey): Promise<void> {
    const claim = this.#claims.get(key);
    if (!claim || !isEnding(claim, claimFinalizer)) return;
    // One that has no node yet will find out there that its claim is gone.
    const isUsed = [...this.#pods.list(key.namespace)].some(
      (pod) => pod.spec?.nodeName && !isPodFinished(pod) && claimsOf(pod).includes(key.name),
    );
    if (!isUsed) await release(this.#claimClient, claim, claimFinalizer);
  }

  async #volume(key: ObjectKey): Promise<void> {
    const volume = this.#volumes.get(key);
    if (!volume || !isEnding(volume, volumeFinalizer) || volume.status?.phase === 'Bound') return;
    await release(this.#volumeClient, volume, volumeFinalizer);
  }
}

type Held = PersistentVolume | PersistentVolumeClaim;

async function release<T extends Held>(client: ResourceClient<T>, object: T, finalizer: string): Promise<void> {
  const { uid, resourceVersion, finalizers = [] } = object.metadata;
  const others = finalizers.filter((name) => name !== finalizer);
  try {
    await client.patch(keyOf(object), { metadata: { uid, resourceVersion, finalizers: others } });
  } catch (error) {
    // It went or changed; what the cache is about to show brings it back.
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}
