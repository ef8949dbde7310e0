import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '@skiff/api/clock';
import { formatKey, keyOf, type ObjectKey } from '@skiff/api/meta';
import { LabelSelector } from '@skiff/api/selectors/label-selector';
import { isConflict, isNotFound } from '@skiff/api/status';
import type { ControllerRevision, DaemonSet, Node, Pod } from '@skiff/api/types';
import type { EventRecorder } from '@skiff/client/events';
import type { Informer } from '@skiff/client/informer';
import { ReconcileLoop, type Reconciler } from '@skiff/client/reconciler';
import type { ResourceClient } from '@skiff/client/resource';
import type { Controller, ControllerContext } from '../controller.ts';
import { controllerOf } from '../ownership.ts';
import { claimPods } from '../pod-claims.ts';
import { deletePod } from '../pod-deletion.ts';
import { Expectations } from '../replica-set/expectations.ts';
import { slowStart } from '../replica-set/slow-start.ts';
import { revisionFor, revisionsOf, trimHistory } from '../revisions/history.ts';
import { isOf, newPod } from './daemon-pod.ts';
import { planDaemons } from './plan.ts';

/** Runs a Pod of each DaemonSet on every node that it fits. */
export class DaemonSetController implements Controller, Reconciler {
  readonly name = 'daemonset-controller';
  readonly #sets: Informer<DaemonSet>;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #revisions: Informer<ControllerRevision>;
  readonly #setClient: ResourceClient<DaemonSet>;
  readonly #podClient: ResourceClient<Pod>;
  readonly #revisionClient: ResourceClient<ControllerRevision>;
  readonly #events: EventRecorder;
  readonly #expectations = new Expectations();
  readonly #loop: ReconcileLoop;
  #unsubscribe: (() => void)[] = [];
  readonly #clock: Clock;

  constructor({ informers, client, recorder, logger, clock }: ControllerContext) {
    this.#clock = clock;
    this.#sets = informers.for('DaemonSet');
    this.#pods = informers.for('Pod');
    this.#nodes = informers.for('Node');
    this.#revisions = informers.for('ControllerRevision');
    this.#setClient = client.resource('DaemonSet');
    this.#podClient = client.resource('Pod');
    this.#revisionClient = client.resource('ControllerRevision');
    this.#events = recorder(this.name);
    this.#loop = new ReconcileLoop({ name: this.name, reconciler: this, logger, clock });
  }

  start({ signal }: { signal: AbortSignal }): void {
    this.#unsubscribe = [
      this.#sets.onChange(({ object }) => this.#loop.enqueue(keyOf(object))),
      this.#pods.onChange(({ type, object }) => this.#podChanged(type, object)),
      this.#nodes.onChange(({ type, object, old }) => {
        if (type !== 'updated' || !old || !sameForDaemons(object, old)) this.#enqueueAll();
      }),
    ];
    this.#loop.start({ signal });
  }

  async close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await this.#loop.close();
  }

  #enqueueAll(): void {
    for (const set of this.#sets.list()) this.#loop.enqueue(keyOf(set));
  }

  #podChanged(type: 'added' | 'updated' | 'deleted', pod: Pod): void {
    const { namespace, uid = '', deletionTimestamp, labels } = pod.metadata;
    const owner = controllerOf(pod);
    if (owner?.kind === 'DaemonSet') {
      const key = { namespace, name: owner.name };
      if (type === 'added') this.#expectations.created(formatKey(key));
      if (type === 'deleted' || deletionTimestamp) this.#expectations.deleted(formatKey(key), uid);
      this.#loop.enqueue(key);
    }
    if (owner) return;
    for (const set of this.#sets.list(namespace)) {
      if (LabelSelector.from(set.spec?.selector).matches(labels)) this.#loop.enqueue(keyOf(set));
    }
  }

  async reconcile(key: ObjectKey): Promise<{ afterMs: number } | undefined> {
    const id = formatKey(key);
    const set = this.#sets.get(key);
    if (!set) {
      this.#expectations.forget(id);
      return;
    }
    // Asked before the Pods are read: what arrives in between makes the answer too cautious, never too bold.
    const settled = this.#expectations.fulfilled(id);
    const pods = await claimPods(set, this.#pods.list(set.metadata.namespace), {
      pods: this.#podClient,
      get: (one) => this.#setClient.get(one),
    });
    const history = revisionsOf(set, this.#revisions.list(set.metadata.namespace));
    const update = await revisionFor(set, history, this.#revisionClient);
    const plan = planDaemons(set, { nodes: this.#nodes.list(), pods, update, now: this.#clock.now(), settled });

    await this.#delete(set, plan.delete);
    const problem = await this.#create(set, plan.create, update);
    await this.#writeStatus(set, plan.status);
    if (problem) throw problem;
    const all = [...history.filter(({ metadata }) => metadata.name !== update.metadata.name), update];
    const isLive = (one: ControllerRevision): boolean => one === update || pods.some((pod) => isOf(pod, one));
    await trimHistory(all, {
      limit: set.spec?.revisionHistoryLimit ?? 10,
      live: isLive,
      client: this.#revisionClient,
    });
    return plan.nextChangeMs === undefined ? undefined : { afterMs: plan.nextChangeMs };
  }

  async #delete(set: DaemonSet, doomed: readonly Pod[]): Promise<void> {
    if (doomed.length === 0) return;
    const uids = doomed.map(({ metadata }) => metadata.uid ?? '');
    this.#expectations.expectDeletions(formatKey(keyOf(set)), uids);
    await Promise.all(
      doomed.map(async (pod) => {
        await deletePod(this.#podClient, pod);
        this.#events.event(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
      }),
    );
  }

  async #create(set: DaemonSet, nodes: readonly string[], revision: ControllerRevision): Promise<unknown> {
    if (nodes.length === 0) return undefined;
    const id = formatKey(keyOf(set));
    const names = nodes.values();
    this.#expectations.expectCreations(id, nodes.length);
    const { skipped, error } = await slowStart(nodes.length, async () => {
      try {
        const pod = await this.#podClient.create(newPod(set, names.next().value ?? '', revision));
        this.#events.event(set, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
      } catch (error) {
        this.#expectations.created(id);
        const message = error instanceof Error ? error.message : String(error);
        this.#events.event(set, 'Warning', 'FailedCreate', `Error creating: ${message}`);
        throw error;
      }
    });
    for (let index = 0; index < skipped; index++) this.#expectations.created(id);
    return error;
  }

  async #writeStatus(set: DaemonSet, status: NonNullable<DaemonSet['status']>): Promise<void> {
    if (isDeepStrictEqual({ ...set.status }, status)) return;
    try {
      await this.#setClient.updateStatus({ ...set, status });
    } catch (error) {
      // The cache is behind; what it is about to show brings this set back.
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  }
}

/** Whether a change of a node is none that daemons care about, as a heartbeat. */
const sameForDaemons = (a: Node, b: Node): boolean =>
  isDeepStrictEqual([a.metadata.labels, a.spec?.taints], [b.metadata.labels, b.spec?.taints]);
