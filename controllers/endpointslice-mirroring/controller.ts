import { formatKey, keyOf, type ObjectKey } from '@skiff/api/meta';
import { isConflict } from '@skiff/api/status';
import type { EndpointSlice, Endpoints, Service } from '@skiff/api/types';
import type { Informer } from '@skiff/client/informer';
import { ReconcileLoop, type Reconciler } from '@skiff/client/reconciler';
import type { Controller, ControllerContext } from '../controller.ts';
import { SliceWriter } from '../endpointslice/slice-writer.ts';
import { isMirrored, mirroredBy, planMirror } from './plan.ts';

/** Turns Endpoints that users write for Services without selector into slices, which is what readers look at. */
export class EndpointSliceMirroringController implements Controller, Reconciler {
  readonly name = 'endpoint-slice-mirroring-controller';
  readonly #endpoints: Informer<Endpoints>;
  readonly #services: Informer<Service>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #writer: SliceWriter;
  readonly #loop: ReconcileLoop;
  #unsubscribe: (() => void)[] = [];

  constructor(context: ControllerContext) {
    this.#endpoints = context.informers.for('Endpoints');
    this.#services = context.informers.for('Service');
    this.#slices = context.informers.for('EndpointSlice');
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
      this.#endpoints.onChange(({ object }) => this.#loop.enqueue(keyOf(object))),
      this.#services.onChange(({ object }) => this.#loop.enqueue(keyOf(object))),
      this.#slices.onChange(({ object }) => {
        const owner = ownerOf(object);
        if (owner) this.#loop.enqueue(owner);
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
    if (this.#writer.isBehind(id)) return { afterMs: 1000 };
    const slices = this.#slices.list(key.namespace).filter((slice) => ownerOf(slice)?.name === key.name);
    const endpoints = this.#endpoints.get(key);
    const writes = isMirrored(endpoints, this.#services.get(key))
      ? planMirror(endpoints, slices)
      : { create: [], update: [], delete: slices };
    try {
      await this.#writer.apply(id, writes);
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
    return;
  }
}

/** The Endpoints that a slice of this controller mirrors. */
function ownerOf({ metadata }: EndpointSlice): ObjectKey | undefined {
  const name = metadata.labels?.['kubernetes.io/service-name'];
  const ours = metadata.labels?.['endpointslice.kubernetes.io/managed-by'] === mirroredBy;
  return ours && name ? { namespace: metadata.namespace, name } : undefined;
}
