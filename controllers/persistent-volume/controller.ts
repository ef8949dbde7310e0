import type { ObjectKey } from '@skiff/api/meta';
import { isConflict, isNotFound } from '@skiff/api/status';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '@skiff/api/types';
import type { EventRecorder } from '@skiff/client/events';
import type { Informer } from '@skiff/client/informer';
import { ReconcileLoop, type Reconciler } from '@skiff/client/reconciler';
import type { ResourceClient } from '@skiff/client/resource';
import type { Controller, ControllerContext } from '../controller.ts';
import { semanticallyEqual } from '../semantic-equality.ts';
import { classOf, findMatch, isFor, satisfies } from './match.ts';

/** Set on a claim when both sides of a binding are written. */
const completed = 'pv.kubernetes.io/bind-completed';
/** Set on the side of a binding that a controller chose, not a user. */
const byController = 'pv.kubernetes.io/bound-by-controller';
/** Who is to make a volume for a claim. */
const provisioners = ['volume.beta.kubernetes.io/storage-provisioner', 'volume.kubernetes.io/storage-provisioner'];

const annotated = <T extends PersistentVolume | PersistentVolumeClaim>(object: T, added: readonly string[]): T => ({
  ...object,
  metadata: {
    ...object.metadata,
    annotations: { ...object.metadata.annotations, ...Object.fromEntries(added.map((name) => [name, 'yes'])) },
  },
});

const isCompleted = ({ metadata }: PersistentVolumeClaim): boolean => metadata.annotations?.[completed] !== undefined;

/**
 * Brings claims and volumes together (upstream: pkg/controller/volume/persistentvolume). It makes no volumes, and keeps what was
 * in one: a volume that is released stays until somebody deletes it.
 */
export class PersistentVolumeController implements Controller {
  readonly name = 'persistent-volume-binder';
  readonly #claims: Informer<PersistentVolumeClaim>;
  readonly #volumes: Informer<PersistentVolume>;
  readonly #classes: Informer<StorageClass>;
  readonly #claimClient: ResourceClient<PersistentVolumeClaim>;
  readonly #volumeClient: ResourceClient<PersistentVolume>;
  readonly #events: EventRecorder;
  readonly #claimLoop: ReconcileLoop;
  readonly #volumeLoop: ReconcileLoop;
  #unsubscribe: (() => void)[] = [];

  constructor({ informers, client, logger, recorder }: ControllerContext) {
    this.#claims = informers.for('PersistentVolumeClaim');
    this.#volumes = informers.for('PersistentVolume');
    this.#classes = informers.for('StorageClass');
    this.#claimClient = client.resource('PersistentVolumeClaim');
    this.#volumeClient = client.resource('PersistentVolume');
    this.#events = recorder('persistentvolume-controller');
    const loop = (what: string, reconcile: Reconciler['reconcile']): ReconcileLoop =>
      new ReconcileLoop({ name: `${this.name} (${what})`, reconciler: { reconcile }, workers: 1, logger });
    this.#claimLoop = loop('claims', (key) => this.#lenient(() => this.#claim(key)));
    this.#volumeLoop = loop('volumes', (key) => this.#lenient(() => this.#volume(key)));
  }

  start({ signal }: { signal: AbortSignal }): void {
    this.#unsubscribe = [
      this.#claims.onChange(({ object }) => {
        this.#claimLoop.enqueue(object);
        for (const volume of this.#volumes.list()) if (isFor(volume, object)) this.#volumeLoop.enqueue(volume);
      }),
      this.#volumes.onChange(({ object }) => {
        this.#volumeLoop.enqueue(object);
        for (const claim of this.#claims.list()) {
          const { volumeName } = claim.spec ?? {};
          if (volumeName === object.metadata.name || (!volumeName && !isCompleted(claim)))
            this.#claimLoop.enqueue(claim);
        }
      }),
      this.#classes.onChange(({ object }) => {
        for (const claim of this.#claims.list()) {
          if (!isCompleted(claim) && classOf(claim) === object.metadata.name) this.#claimLoop.enqueue(claim);
        }
      }),
    ];
    this.#claimLoop.start({ signal });
    this.#volumeLoop.start({ signal });
  }

  async close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await Promise.all([this.#claimLoop.close(), this.#volumeLoop.close()]);
  }

  /** Does a step; what changed meanwhile, the cache is about to bring back. */
  async #lenient(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  }

  async #claim(key: ObjectKey): Promise<void> {
    const claim = this.#claims.get(key);
    if (!claim || claim.metadata.deletionTimestamp) return;
    if (isCompleted(claim)) await this.#keep(claim);
    else await this.#find(claim);
  }

  /** Gives a claim the volume that it names, or the best there is. */
  async #find(claim: PersistentVolumeClaim): Promise<void> {
    const { volumeName } = claim.spec ?? {};
    if (!volumeName) {
      const found = this.#waitsForConsumer(claim) ? undefined : findMatch(this.#volumes.list(), claim);
      if (found) await this.#bind(found, claim);
      else await this.#tellUnbound(claim);
      return;
    }
    const volume = this.#volumes.get({ name: volumeName });
    if (!volume) return;
    if (volume.spec?.claimRef) {
      if (isFor(volume, claim)) await this.#bind(volume, claim);
    } else if (satisfies(volume, claim)) await this.#bind(volume, claim);
    else {
      const text = `Cannot bind to requested volume "${volumeName}": it does not satisfy what is claimed`;
      this.#events.event(claim, 'Warning', 'VolumeMismatch', text);
    }
  }

  /** A claim that had its volume stays with it, or is lost. */
  async #keep(claim: PersistentVolumeClaim): Promise<void> {
    const { volumeName } = claim.spec ?? {};
    const volume = volumeName ? this.#volumes.get({ name: volumeName }) : undefined;
    if (volume && (!volume.spec?.claimRef || isFor(volume, claim))) return this.#bind(volume, claim);
    if (claim.status?.phase === 'Lost') return;
    await this.#claimClient.updateStatus({ ...claim, status: { phase: 'Lost' } });
    const lost = volumeName ? 'its PersistentVolume' : 'reference to PersistentVolume';
    if (volume) {
      const text = 'Two claims are bound to the same volume, this one is bound incorrectly';
      this.#events.event(claim, 'Warning', 'ClaimMisbound', text);
    } else {
      const text = `Bound claim has lost ${lost}. Data on the volume is lost!`;
      this.#events.event(claim, 'Warning', 'ClaimLost', text);
    }
  }

  /** Writes both sides of a binding, as far as they are not written yet. */
  async #bind(volume: PersistentVolume, claim: PersistentVolumeClaim): Promise<void> {
    const held = await this.#bindVolume(volume, claim);
    if (held.status?.phase !== 'Bound') await this.#volumeClient.updateStatus({ ...held, status: { phase: 'Bound' } });
    const named = await this.#bindClaim(claim, held);
    const { accessModes, capacity } = held.spec ?? {};
    const status = {
      ...named.status,
      phase: 'Bound',
      ...(accessModes && { accessModes }),
      ...(capacity && { capacity }),
    };
    if (!semanticallyEqual(status, named.status)) await this.#claimClient.updateStatus({ ...named, status });
  }

  async #bindVolume(volume: PersistentVolume, { metadata }: PersistentVolumeClaim): Promise<PersistentVolume> {
    const { claimRef } = volume.spec ?? {};
    if (claimRef?.uid && claimRef.uid === metadata.uid) return volume;
    const { namespace, name, uid, resourceVersion } = metadata;
    const reference = { kind: 'PersistentVolumeClaim', namespace, name, uid, apiVersion: 'v1', resourceVersion };
    // What is undefined is not written.
    const spec = { ...volume.spec, claimRef: reference } as NonNullable<PersistentVolume['spec']>;
    return this.#volumeClient.update(annotated({ ...volume, spec }, claimRef ? [] : [byController]));
  }

  async #bindClaim(claim: PersistentVolumeClaim, { metadata }: PersistentVolume): Promise<PersistentVolumeClaim> {
    if (isCompleted(claim) && claim.spec?.volumeName === metadata.name) return claim;
    const chosen = claim.spec?.volumeName ? [] : [byController];
    const spec = { ...claim.spec, volumeName: metadata.name };
    return this.#claimClient.update(annotated({ ...claim, spec }, [completed, ...chosen]));
  }

  #waitsForConsumer(claim: PersistentVolumeClaim): boolean {
    const found = this.#classes.get({ name: classOf(claim) });
    return found?.volumeBindingMode === 'WaitForFirstConsumer';
  }

  /** Says why a claim has no volume; where one is to be made, who is to make it. */
  async #tellUnbound(claim: PersistentVolumeClaim): Promise<void> {
    const name = classOf(claim);
    if (this.#waitsForConsumer(claim)) {
      const text = 'waiting for first consumer to be created before binding';
      return this.#events.event(claim, 'Normal', 'WaitForFirstConsumer', text);
    }
    if (!name) {
      const text = 'no persistent volumes available for this claim and no storage class is set';
      return this.#events.event(claim, 'Normal', 'FailedBinding', text);
    }
    const { provisioner } = this.#classes.get({ name }) ?? {};
    if (!provisioner) {
      const text = `storageclass.storage.k8s.io "${name}" not found`;
      return this.#events.event(claim, 'Warning', 'ProvisioningFailed', text);
    }
    if (provisioner.startsWith('kubernetes.io/')) {
      return this.#events.event(claim, 'Warning', 'ProvisioningFailed', 'no volume plugin matched');
    }
    const annotations = Object.fromEntries(provisioners.map((annotation) => [annotation, provisioner]));
    const { metadata } = claim;
    if (provisioners.some((annotation) => metadata.annotations?.[annotation] !== provisioner)) {
      const marked = { ...metadata, annotations: { ...metadata.annotations, ...annotations } };
      await this.#claimClient.update({ ...claim, metadata: marked });
    }
    const text = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
    this.#events.event(claim, 'Normal', 'ExternalProvisioning', text);
  }

  async #volume(key: ObjectKey): Promise<void> {
    const volume = this.#volumes.get(key);
    if (!volume) return;
    const phase = this.#phaseOf(volume);
    if (!phase || phase === volume.status?.phase) return;
    await this.#volumeClient.updateStatus({ ...volume, status: { phase } });
  }

  /** The phase that a volume is in; undefined where its claim is about to say. */
  #phaseOf({ metadata, spec }: PersistentVolume): string | undefined {
    const { claimRef } = spec ?? {};
    if (!claimRef?.uid) return 'Available';
    const claim = this.#claims.get({ namespace: claimRef.namespace, name: claimRef.name ?? '' });
    if (claim?.metadata.uid !== claimRef.uid) return 'Released';
    return claim.spec?.volumeName === metadata.name ? 'Bound' : undefined;
  }
}
