import { formatKey, keyOf, type ObjectKey } from '@skiff/api/meta';
import { isAlreadyExists, isConflict, isNotFound } from '@skiff/api/status';
import type { Endpoints, Service } from '@skiff/api/types';
import type { EventRecorder } from '@skiff/client/events';
import type { Informer } from '@skiff/client/informer';
import type { Informers } from '@skiff/client/informers';
import { ReconcileLoop, type Reconciler } from '@skiff/client/reconciler';
import type { ResourceClient } from '@skiff/client/resource';
import type { Controller, ControllerContext } from '../controller.ts';
import { TriggerTimes } from '../endpointslice/trigger-time.ts';
import { hasEndpointsController, podsOf, watchEndpoints } from '../service-pods.ts';
import { managedBy, managedByLabel, planEndpoints } from './plan.ts';

/** Keeps the Endpoints of every Service that has a selector, for readers that don't know slices yet. */
export class EndpointsController implements Controller, Reconciler {
  readonly name = 'endpoint-controller';
  readonly #informers: Informers;
  readonly #services: Informer<Service>;
  readonly #endpoints: Informer<Endpoints>;
  readonly #client: ResourceClient<Endpoints>;
  readonly #events: EventRecorder;
  readonly #triggerTimes = new TriggerTimes();
  readonly #loop: ReconcileLoop;
  #unsubscribe: (() => void)[] = [];

  constructor(context: ControllerContext) {
    this.#informers = context.informers;
    this.#services = context.informers.for('Service');
    this.#endpoints = context.informers.for('Endpoints');
    this.#client = context.client.resource('Endpoints');
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
      watchEndpoints(this.#informers, (key) => this.#loop.enqueue(key)),
      this.#endpoints.onChange(({ object }) => {
        // Endpoints that a user wrote and that belong to no Service are none of our business.
        if (isOurs(object) || this.#services.get(keyOf(object))) this.#loop.enqueue(keyOf(object));
      }),
    ];
    this.#loop.start({ signal });
  }

  async close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await this.#loop.close();
  }

  async reconcile(key: ObjectKey): Promise<void> {
    const id = formatKey(key);
    const service = this.#services.get(key);
    const current = this.#endpoints.get(key);
    if (!service) {
      this.#triggerTimes.forget(id);
      if (current) await this.#delete(current);
      return;
    }
    if (!hasEndpointsController(service)) return;
    const pods = podsOf(service, this.#informers);
    const triggerTime = this.#triggerTimes.compute(id, service, pods);
    const wanted = planEndpoints(service, pods, { current, triggerTime });
    if (!wanted) return;
    try {
      if (current) await this.#client.update(wanted);
      else await this.#client.create(wanted);
    } catch (error) {
      // The cache is behind; what it is about to show brings this Service back.
      if (isConflict(error) || isAlreadyExists(error)) return;
      const what = current ? 'update' : 'create';
      const message = error instanceof Error ? error.message : String(error);
      this.#events.event(
        service,
        'Warning',
        current ? 'FailedToUpdateEndpoint' : 'FailedToCreateEndpoint',
        `Failed to ${what} endpoint ${id}: ${message}`,
      );
      throw error;
    }
  }

  /** Endpoints go with their Service, also those that a user wrote; but not those that hold a leader election. */
  async #delete({ metadata }: Endpoints): Promise<void> {
    if (metadata.annotations?.['control-plane.alpha.kubernetes.io/leader'] !== undefined) return;
    try {
      const { uid } = metadata;
      await this.#client.delete(keyOf({ metadata }), { ...(uid && { preconditions: { uid } }) });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }
}

const isOurs = ({ metadata }: Endpoints): boolean => metadata.labels?.[managedByLabel] === managedBy;
