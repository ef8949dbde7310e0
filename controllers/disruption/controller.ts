import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '@skiff/api/clock';
import { keyOf, type ObjectKey } from '@skiff/api/meta';
import { LabelSelector } from '@skiff/api/selectors/label-selector';
import { isConflict, isNotFound } from '@skiff/api/status';
import type { Pod, PodDisruptionBudget } from '@skiff/api/types';
import type { EventRecorder } from '@skiff/client/events';
import type { Informer } from '@skiff/client/informer';
import { ReconcileLoop, type Reconciler } from '@skiff/client/reconciler';
import type { ResourceClient } from '@skiff/client/resource';
import type { Controller, ControllerContext } from '../controller.ts';
import type { Lookup, Scaled } from './scale.ts';
import { budgetStatus } from './status.ts';

/** What is needed of an informer of a kind that has replicas. */
interface ScaledInformer {
  get(key: ObjectKey): Scaled | undefined;
  onChange(listener: (change: { type: string; object: Scaled; old?: Scaled | undefined }) => void): () => void;
}

/** Says in each PodDisruptionBudget how many Pods may be evicted. */
export class DisruptionController implements Controller, Reconciler {
  readonly name = 'disruption-controller';
  readonly #budgets: Informer<PodDisruptionBudget>;
  readonly #pods: Informer<Pod>;
  readonly #owners: Readonly<Record<string, ScaledInformer>>;
  readonly #client: ResourceClient<PodDisruptionBudget>;
  readonly #events: EventRecorder;
  readonly #loop: ReconcileLoop;
  #unsubscribe: (() => void)[] = [];
  readonly #clock: Clock;

  constructor({ informers, client, recorder, logger, clock }: ControllerContext) {
    this.#clock = clock;
    this.#budgets = informers.for('PodDisruptionBudget');
    this.#pods = informers.for('Pod');
    this.#owners = {
      ReplicaSet: informers.for('ReplicaSet'),
      Deployment: informers.for('Deployment'),
      StatefulSet: informers.for('StatefulSet'),
      ReplicationController: informers.for('ReplicationController'),
    };
    this.#client = client.resource('PodDisruptionBudget');
    this.#events = recorder(this.name);
    this.#loop = new ReconcileLoop({ name: this.name, reconciler: this, workers: 1, logger, clock });
  }

  start({ signal }: { signal: AbortSignal }): void {
    this.#unsubscribe = [
      this.#budgets.onChange(({ object }) => this.#loop.enqueue(keyOf(object))),
      this.#pods.onChange(({ object, old }) => {
        this.#podChanged(object);
        if (old && !isDeepStrictEqual(old.metadata.labels, object.metadata.labels)) this.#podChanged(old);
      }),
      // What scales changes what shares are of.
      ...Object.values(this.#owners).map((owners) =>
        owners.onChange(({ type, object, old }) => {
          if (type === 'updated' && old?.spec?.replicas === object.spec?.replicas) return;
          this.#enqueueAll(object.metadata.namespace);
        }),
      ),
    ];
    this.#loop.start({ signal });
  }

  async close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await this.#loop.close();
  }

  #enqueueAll(namespace: string | undefined): void {
    for (const budget of this.#budgets.list(namespace)) this.#loop.enqueue(keyOf(budget));
  }

  #podChanged({ metadata }: Pod): void {
    for (const budget of this.#budgets.list(metadata.namespace)) {
      if (LabelSelector.from(budget.spec?.selector).matches(metadata.labels)) this.#loop.enqueue(keyOf(budget));
    }
  }

  readonly #lookup: Lookup = (reference, namespace) => {
    const found = this.#owners[reference.kind]?.get({ namespace, name: reference.name });
    return found?.metadata.uid === reference.uid ? found : undefined;
  };

  async reconcile(key: ObjectKey): Promise<{ afterMs: number } | undefined> {
    const budget = this.#budgets.get(key);
    if (!budget) return;
    const selector = LabelSelector.from(budget.spec?.selector);
    const pods = [...this.#pods.list(budget.metadata.namespace)].filter(({ metadata }) =>
      selector.matches(metadata.labels),
    );
    const { status, nextChangeMs, problem } = budgetStatus(budget, pods, {
      lookup: this.#lookup,
      now: this.#clock.now(),
    });
    if (problem !== undefined) {
      this.#events.event(
        budget,
        'Warning',
        'CalculateExpectedPodCountFailed',
        `Failed to calculate the number of expected pods: ${problem}`,
      );
    }
    if (!isDeepStrictEqual({ ...budget.status }, status)) {
      try {
        await this.#client.updateStatus({ ...budget, status });
      } catch (error) {
        // An eviction wrote it; what the cache is about to show brings this budget back.
        if (!isConflict(error) && !isNotFound(error)) throw error;
      }
    }
    return nextChangeMs === undefined ? undefined : { afterMs: nextChangeMs };
  }
}
