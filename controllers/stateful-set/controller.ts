import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '@skiff/api/clock';
import { keyOf, type ObjectKey } from '@skiff/api/meta';
import { LabelSelector } from '@skiff/api/selectors/label-selector';
import { isAlreadyExists, isConflict, isNotFound } from '@skiff/api/status';
import type { ControllerRevision, PersistentVolumeClaim, Pod, StatefulSet } from '@skiff/api/types';
import type { EventRecorder } from '@skiff/client/events';
import type { Informer } from '@skiff/client/informer';
import { ReconcileLoop, type Reconciler } from '@skiff/client/reconciler';
import type { ResourceClient } from '@skiff/client/resource';
import type { Controller, ControllerContext } from '../controller.ts';
import { controllerOf, isControlledBy } from '../ownership.ts';
import { claimPods } from '../pod-claims.ts';
import { deletePod } from '../pod-deletion.ts';
import { revisionFor, revisionsOf, templateOf, trimHistory } from '../revisions/history.ts';
import { newClaims, newPod, ordinalOf, revisionOf } from './identity.ts';
import { planPods, type RevisionNames } from './plan.ts';
import { statefulSetStatus } from './status.ts';

/** Runs Pods with names and claims of their own, one after the other. */
export class StatefulSetController implements Controller, Reconciler {
  readonly name = 'statefulset-controller';
  readonly #sets: Informer<StatefulSet>;
  readonly #pods: Informer<Pod>;
  readonly #revisions: Informer<ControllerRevision>;
  readonly #setClient: ResourceClient<StatefulSet>;
  readonly #podClient: ResourceClient<Pod>;
  readonly #claimClient: ResourceClient<PersistentVolumeClaim>;
  readonly #revisionClient: ResourceClient<ControllerRevision>;
  readonly #events: EventRecorder;
  readonly #loop: ReconcileLoop;
  #unsubscribe: (() => void)[] = [];
  readonly #clock: Clock;

  constructor({ informers, client, recorder, logger, clock }: ControllerContext) {
    this.#clock = clock;
    this.#sets = informers.for('StatefulSet');
    this.#pods = informers.for('Pod');
    this.#revisions = informers.for('ControllerRevision');
    this.#setClient = client.resource('StatefulSet');
    this.#podClient = client.resource('Pod');
    this.#claimClient = client.resource('PersistentVolumeClaim');
    this.#revisionClient = client.resource('ControllerRevision');
    this.#events = recorder(this.name);
    this.#loop = new ReconcileLoop({ name: this.name, reconciler: this, logger, clock });
  }

  start({ signal }: { signal: AbortSignal }): void {
    this.#unsubscribe = [
      this.#sets.onChange(({ object }) => this.#loop.enqueue(keyOf(object))),
      this.#pods.onChange(({ object }) => this.#podChanged(object)),
      this.#revisions.onChange(({ object }) => this.#ownerChanged(object)),
    ];
    this.#loop.start({ signal });
  }

  async close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await this.#loop.close();
  }

  #ownerChanged(object: Pod | ControllerRevision): boolean {
    const owner = controllerOf(object);
    if (owner?.kind === 'StatefulSet') this.#loop.enqueue({ namespace: object.metadata.namespace, name: owner.name });
    return owner !== undefined;
  }

  #podChanged(pod: Pod): void {
    if (this.#ownerChanged(pod)) return;
    for (const set of this.#sets.list(pod.metadata.namespace)) {
      if (LabelSelector.from(set.spec?.selector).matches(pod.metadata.labels)) this.#loop.enqueue(keyOf(set));
    }
  }

  async reconcile(key: ObjectKey): Promise<{ afterMs: number } | undefined> {
    const set = this.#sets.get(key);
    if (!set) return;
    const pods = await this.#claim(set);
    const history = revisionsOf(set, this.#revisions.list(set.metadata.namespace));
    const update = await revisionFor(set, history, this.#revisionClient);
    const all = [...history.filter(({ metadata }) => metadata.name !== update.metadata.name), update];
    const current = all.find(({ metadata }) => metadata.name === set.status?.currentRevision) ?? update;
    const revisions = { current: current.metadata.name, update: update.metadata.name };
    const now = this.#clock.now();

    const plan = planPods(set, pods, { revisions, now });
    let problem: unknown;
    try {
      await Promise.all(plan.delete.map((pod) => this.#delete(set, pod)));
      for (const { ordinal, revision } of plan.create) {
        await this.#create(set, ordinal, revision === revisions.current ? current : update);
      }
    } catch (error) {
      problem = error;
    }
    await this.#writeStatus(set, pods, revisions);
    if (problem) throw problem;
    const isLive = (one: ControllerRevision): boolean =>
      one === current || one === update || pods.some((pod) => revisionOf(pod) === one.metadata.name);
    const limit = set.spec?.revisionHistoryLimit ?? 10;
    await trimHistory(all, { limit, live: isLive, client: this.#revisionClient });
    return plan.nextChangeMs === undefined ? undefined : { afterMs: plan.nextChangeMs };
  }

  async #claim(set: StatefulSet): Promise<readonly Pod[]> {
    // Only what is called as its Pods are can be one of them.
    const named = [...this.#pods.list(set.metadata.namespace)].filter(
      (pod) => isControlledBy(pod, set) || ordinalOf(set, pod) !== undefined,
    );
    return claimPods(set, named, { pods: this.#podClient, get: (key) => this.#setClient.get(key) });
  }

  async #create(set: StatefulSet, ordinal: number, revision: ControllerRevision): Promise<void> {
    const pod = newPod(set, ordinal, { template: templateOf(revision), revision: revision.metadata.name });
    const { name } = pod.metadata;
    try {
      for (const claim of newClaims(set, ordinal)) await this.#createClaim(claim);
      await this.#podClient.create(pod);
      const message = `create Pod ${name} in StatefulSet ${set.metadata.name} successful`;
      this.#events.event(set, 'Normal', 'SuccessfulCreate', message);
    } catch (error) {
      // The cache is behind; what it is about to show brings this set back.
      if (isAlreadyExists(error)) return;
      const why = error instanceof Error ? error.message : String(error);
      const message = `create Pod ${name} in StatefulSet ${set.metadata.name} failed error: ${why}`;
      this.#events.event(set, 'Warning', 'FailedCreate', message);
      throw error;
    }
  }

  async #createClaim(claim: ReturnType<typeof newClaims>[number]): Promise<void> {
    try {
      await this.#claimClient.create(claim);
    } catch (error) {
      // A claim outlives its Pod, so that the next one of that name finds its data.
      if (!isAlreadyExists(error)) throw error;
    }
  }

  async #delete(set: StatefulSet, pod: Pod): Promise<void> {
    await deletePod(this.#podClient, pod);
    const message = `delete Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`;
    this.#events.event(set, 'Normal', 'SuccessfulDelete', message);
  }

  async #writeStatus(set: StatefulSet, pods: readonly Pod[], revisions: RevisionNames): Promise<void> {
    const status = statefulSetStatus(set, pods, { revisions, now: this.#clock.now() });
    if (isDeepStrictEqual({ ...set.status }, status)) return;
    try {
      await this.#setClient.updateStatus({ ...set, status });
    } catch (error) {
      // The cache is behind; what it is about to show brings this set back.
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  }
}
