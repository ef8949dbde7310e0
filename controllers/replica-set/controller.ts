import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '@skiff/api/clock';
import { formatKey, keyOf, type ObjectKey } from '@skiff/api/meta';
import { LabelSelector } from '@skiff/api/selectors/label-selector';
import { isConflict, isNotFound, StatusError } from '@skiff/api/status';
import type { Pod, ReplicaSet } from '@skiff/api/types';
import type { EventRecorder } from '@skiff/client/events';
import type { Informer } from '@skiff/client/informer';
import { ReconcileLoop, type Reconciler } from '@skiff/client/reconciler';
import type { ResourceClient } from '@skiff/client/resource';
import { adoptionPatch, claim, releasePatch } from '../claim.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { controllerOf, controllerReference } from '../ownership.ts';
import { isPodActive } from '../pod-state.ts';
import { inDeletionOrder } from './deletion-order.ts';
import { Expectations } from './expectations.ts';
import { slowStart } from './slow-start.ts';
import { type ReplicaFailure, replicaSetStatus } from './status.ts';

/** At most so many Pods are made or deleted in one pass, as kube-controller-manager does. */
const burst = 500;

/** Keeps as many Pods of each ReplicaSet as it asks for. */
export class ReplicaSetController implements Controller, Reconciler {
  readonly name = 'replicaset-controller';
  readonly #sets: Informer<ReplicaSet>;
  readonly #pods: Informer<Pod>;
  readonly #setClient: ResourceClient<ReplicaSet>;
  readonly #podClient: ResourceClient<Pod>;
  readonly #events: EventRecorder;
  readonly #expectations = new Expectations();
  readonly #loop: ReconcileLoop;
  #unsubscribe: (() => void)[] = [];
  readonly #clock: Clock;

  constructor(context: ControllerContext) {
    this.#clock = context.clock;
    this.#sets = context.informers.for('ReplicaSet');
    this.#pods = context.informers.for('Pod');
    this.#setClient = context.client.resource('ReplicaSet');
    this.#podClient = context.client.resource('Pod');
    this.#events = context.recorder(this.name);
    this.#loop = new ReconcileLoop({
      name: this.name,
      reconciler: this,
      workers: 5,
      logger: context.logger,
      clock: context.clock,
    });
  }

  start({ signal }: { signal: AbortSignal }): void {
    this.#unsubscribe = [
      this.#sets.onChange(({ object }) => this.#loop.enqueue(keyOf(object))),
      this.#pods.onChange(({ type, object, old }) => this.#podChanged(type, object, old)),
    ];
    this.#loop.start({ signal });
  }

  async close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await this.#loop.close();
  }

  #podChanged(type: 'added' | 'updated' | 'deleted', pod: Pod, old: Pod | undefined): void {
    const owner = this.#ownerOf(pod);
    const gone = type === 'deleted' || pod.metadata.deletionTimestamp !== undefined;
    if (owner) {
      if (type === 'added') this.#expectations.created(formatKey(owner));
      if (gone) this.#expectations.deleted(formatKey(owner), pod.metadata.uid ?? '');
      this.#loop.enqueue(owner);
    }
    const former = old && this.#ownerOf(old);
    if (former && former.name !== owner?.name) this.#loop.enqueue(former);
    if (controllerOf(pod) || gone) return;
    for (const set of this.#sets.list(pod.metadata.namespace)) {
      if (LabelSelector.from(set.spec?.selector).matches(pod.metadata.labels)) this.#loop.enqueue(keyOf(set));
    }
  }

  #ownerOf(pod: Pod): ObjectKey | undefined {
    const owner = controllerOf(pod);
    return owner?.kind === 'ReplicaSet' ? { namespace: pod.metadata.namespace, name: owner.name } : undefined;
  }

  async reconcile(key: ObjectKey): Promise<{ afterMs: number } | undefined> {
    const id = formatKey(key);
    const set = this.#sets.get(key);
    if (!set) {
      this.#expectations.forget(id);
      return;
    }
    // Asked before the Pods are read: what arrives in between makes the answer too cautious, never too bold.
    const current = this.#expectations.fulfilled(id);
    const pods = await this.#claim(set);
    const problem = current && !set.metadata.deletionTimestamp ? await this.#manage(set, pods) : undefined;

    const { status, nextChangeMs } = replicaSetStatus(set, pods, { now: this.#clock.now(), failure: problem?.failure });
    await this.#writeStatus(set, status);
    if (problem) throw problem.error;
    return nextChangeMs === undefined ? undefined : { afterMs: nextChangeMs };
  }

  async #claim(set: ReplicaSet): Promise<readonly Pod[]> {
    const { owned, adopt, release } = claim(set, set.spec?.selector, this.#pods.list(set.metadata.namespace));
    if (adopt.length > 0 && !(await this.#isStillThere(set))) return owned.filter((pod) => !adopt.includes(pod));
    const patches = [
      ...adopt.map((pod) => [pod, adoptionPatch(pod, controllerReference(set))] as const),
      ...release.map((pod) => [pod, releasePatch(pod, set)] as const),
    ];
    await Promise.all(
      patches.map(async ([pod, patch]) => {
        try {
          await this.#podClient.patch(keyOf(pod), patch);
        } catch (error) {
          // The Pod went or changed; what the cache is about to show brings this set back.
          if (!isNotFound(error) && !isConflict(error)) throw error;
        }
      }),
    );
    return owned;
  }

  /** Asks the API server itself before adopting, so that a set that was deleted doesn't adopt what it just lost. */
  async #isStillThere(set: ReplicaSet): Promise<boolean> {
    try {
      const fresh = await this.#setClient.get(keyOf(set));
      return fresh.metadata.uid === set.metadata.uid && fresh.metadata.deletionTimestamp === undefined;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  async #manage(
    set: ReplicaSet,
    pods: readonly Pod[],
  ): Promise<{ failure: ReplicaFailure; error: unknown } | undefined> {
    const active = pods.filter(isPodActive);
    const missing = (set.spec?.replicas ?? 1) - active.length;
    const reason = missing > 0 ? 'FailedCreate' : 'FailedDelete';
    const error = missing > 0 ? await this.#create(set, missing) : await this.#delete(set, active, -missing);
    if (error === undefined) return undefined;
    const message = error instanceof Error ? error.message : String(error);
    return { failure: { reason, message }, error };
  }

  async #create(set: ReplicaSet, missing: number): Promise<unknown> {
    const id = formatKey(keyOf(set));
    const count = Math.min(missing, burst);
    this.#expectations.expectCreations(id, count);
    const { skipped, error } = await slowStart(count, async () => {
      try {
        const pod = await this.#podClient.create(newPod(set));
        this.#events.event(set, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
      } catch (error) {
        this.#expectations.created(id);
        if (isNamespaceEnding(error)) return;
        const message = error instanceof Error ? error.message : String(error);
        this.#events.event(set, 'Warning', 'FailedCreate', `Error creating: ${message}`);
        throw error;
      }
    });
    for (let i = 0; i < skipped; i++) this.#expectations.created(id);
    return error;
  }

  async #delete(set: ReplicaSet, active: readonly Pod[], surplus: number): Promise<unknown> {
    if (surplus === 0) return undefined;
    const id = formatKey(keyOf(set));
    const doomed = inDeletionOrder(active, this.#neighbours(set), this.#clock.now()).slice(0, Math.min(surplus, burst));
    this.#expectations.expectDeletions(
      id,
      doomed.map((pod) => pod.metadata.uid ?? ''),
    );
    const results = await Promise.allSettled(
      doomed.map(async (pod) => {
        try {
          const uid = pod.metadata.uid;
          await this.#podClient.delete(keyOf(pod), { ...(uid && { preconditions: { uid } }) });
          this.#events.event(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
        } catch (error) {
          this.#expectations.deleted(id, pod.metadata.uid ?? '');
          if (isNotFound(error)) return;
          const message = error instanceof Error ? error.message : String(error);
          this.#events.event(set, 'Warning', 'FailedDelete', `Error deleting: ${message}`);
          throw error;
        }
      }),
    );
    return results.find((result) => result.status === 'rejected')?.reason;
  }

  /** The Pods of all sets of the same Deployment. */
  #neighbours(set: ReplicaSet): Pod[] {
    const owner = controllerOf(set)?.uid;
    const family = this.#sets
      .list(set.metadata.namespace)
      .filter((other) => other.metadata.uid === set.metadata.uid || (owner && controllerOf(other)?.uid === owner));
    const uids = new Set(family.map((other) => other.metadata.uid));
    return this.#pods
      .list(set.metadata.namespace)
      .filter((pod) => uids.has(controllerOf(pod)?.uid) && isPodActive(pod));
  }

  async #writeStatus(set: ReplicaSet, status: NonNullable<ReplicaSet['status']>): Promise<void> {
    if (isDeepStrictEqual({ ...set.status }, status)) return;
    try {
      await this.#setClient.updateStatus({ ...set, status });
    } catch (error) {
      // The cache is behind; what it is about to show brings this set back.
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  }
}

function newPod(set: ReplicaSet) {
  const { labels, annotations, finalizers } = set.spec?.template?.metadata ?? {};
  const { name, namespace } = set.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${name}-`,
      ...(namespace && { namespace }),
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ...(finalizers && { finalizers }),
      ownerReferences: [controllerReference(set)],
    },
    spec: set.spec?.template?.spec ?? { containers: [] },
  };
}

/** Nothing can be made in a namespace that is being deleted, and nobody will miss it. */
function isNamespaceEnding(error: unknown): boolean {
  return (
    error instanceof StatusError &&
    Boolean(error.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating'))
  );
}
