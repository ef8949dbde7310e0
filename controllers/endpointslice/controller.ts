import { formatKey, keyOf, type ObjectKey } from '@skiff/api/meta';
import { isConflict } from '@skiff/api/status';
import type { EndpointSlice, Node, Service } from '@skiff/api/types';
import type { Informer } from '@skiff/client/informer';
import type { Informers } from '@skiff/client/informers';
import { ReconcileLoop, type Reconciler } from '@skiff/client/reconciler';
import type { Controller, ControllerContext } from '../controller.ts';
import { hasEndpointsController, podsOf, watchEndpoints } from '../service-pods.ts';
import { zoneOf } from './endpoint.ts';
import { managedBy, planSlices } from './plan.ts';
import { SliceWriter } from './slice-writer.ts';
import { TriggerTimes } from './trigger-time.ts';

/** How soon to look again for a node that a Pod names and the cache doesn't have. */
const nodeRetryMs = 1000;

/** Keeps the endpoint slices of every Service that has a selector. */
export class EndpointSliceController implements Controller, Reconciler {
  readonly name = 'endpoint-slice-controller';
  readonly #informers: Informers;
  readonly #services: Informer<Service>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #nodes: Informer<Node>;
  readonly #writer: SliceWriter;
  readonly #triggerTimes = new TriggerTimes();
  readonly #loop: ReconcileLoop;
  #unsubscribe: (() => void)[] = [];

  constructor(context: ControllerContext) {
    this.#informers = context.informers;
    this.#services = context.informers.for('Service');
    this.#slices = context.informers.for('EndpointSlice');
    this.#nodes = context.informers.for('Node');
    this.#writer = new SliceWriter(context.client.resource('EndpointSlice'), this.#slices);
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
      this.#slices.onChange(({ object }) => {
        const owner = ownerOf(object);
        if (owner) this.#loop.enqueue(owner);
      }),
      this.#nodes.onChange(({ type, object, old }) => {
        if (type === 'updated' && old && zoneOf(old) === zoneOf(object)) return;
        for (const service of this.#services.list()) this.#loop.enqueue(keyOf(service));
      }),
    ];
    this.#loop.start({ signal });
  }

  async close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await this.#loop.close();
  }

  async reconcile(key: ObjectKey): Promise<{ afterMs: number } | undefined> {
    const id = formatKey(key);
    const service = this.#services.get(key);
    if (!service) {
      // Its slices go by garbage collection.
      this.#triggerTimes.forget(id);
      return;
    }
    if (!hasEndpointsController(service)) return;
    // The event that brings the cache up to date enqueues this Service again.
    if (this.#writer.isBehind(id)) return { afterMs: nodeRetryMs };
    const pods = podsOf(service, this.#informers);
    const { writes, withoutNode } = planSlices({
      service,
      pods,
      node: (name) => this.#nodes.get({ name }),
      slices: this.#slices.list(key.namespace).filter((slice) => ownerOf(slice)?.name === key.name),
      triggerTime: this.#triggerTimes.compute(id, service, pods),
    });
    const create = service.metadata.deletionTimestamp ? [] : writes.create;
    try {
      await this.#writer.apply(id, { ...writes, create });
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
    return withoutNode.length > 0 ? { afterMs: nodeRetryMs } : undefined;
  }
}

/** The Service that a slice of this controller belongs to. */
function ownerOf({ metadata }: EndpointSlice): ObjectKey | undefined {
  const name = metadata.labels?.['kubernetes.io/service-name'];
  const ours = metadata.labels?.['endpointslice.kubernetes.io/managed-by'] === managedBy;
  return ours && name ? { namespace: metadata.namespace, name } : undefined;
}
