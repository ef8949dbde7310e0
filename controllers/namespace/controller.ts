import type { Clock } from '@skiff/api/clock';
import type { ObjectKey } from '@skiff/api/meta';
import { isConflict, isNotFound } from '@skiff/api/status';
import type { Namespace } from '@skiff/api/types';
import type { Client } from '@skiff/client/client';
import { discoverPreferred } from '@skiff/client/discovery';
import type { Informer } from '@skiff/client/informer';
import { ReconcileLoop, type Reconciler } from '@skiff/client/reconciler';
import type { ApiResource } from '@skiff/client/resource';
import type { Controller, ControllerContext } from '../controller.ts';
import { namespaceConditions, type Remaining } from './conditions.ts';

/** How soon a namespace is looked at again whose content takes its time to go. */
const AGAIN_MS = 200;

/** Pods first, as their owners would only make new ones that the API refuses; Events last, as deletions make some. */
const order = ['Pod', 'Service'];

/** What there may be in a namespace: discovery knows of custom resources too. */
async function deletable(client: Client): Promise<ApiResource[]> {
  const found = await discoverPreferred(client);
  return found
    .filter((kind) => kind.namespaced && kind.verbs.includes('deletecollection'))
    .sort((one, other) => rank(one) - rank(other));
}

function rank(kind: ApiResource): number {
  if (kind.kind === 'Event') return order.length + 1;
  const position = order.indexOf(kind.kind);
  return position < 0 ? order.length : position;
}

/** Empties a namespace that is being deleted, says what is still there, and lets it go when nothing is. */
export class NamespaceController implements Controller, Reconciler {
  readonly name = 'namespace-controller';
  readonly #client: Client;
  readonly #namespaces: Informer<Namespace>;
  readonly #loop: ReconcileLoop;
  #unsubscribe: (() => void) | undefined;
  readonly #clock: Clock;

  constructor(context: ControllerContext) {
    this.#clock = context.clock;
    this.#client = context.client;
    this.#namespaces = context.informers.for('Namespace');
    this.#loop = new ReconcileLoop({
      name: this.name,
      reconciler: this,
      workers: 4,
      logger: context.logger,
      clock: context.clock,
    });
  }

  start({ signal }: { signal: AbortSignal }): void {
    this.#unsubscribe = this.#namespaces.onChange(({ type, object }) => {
      if (type !== 'deleted' && object.metadata.deletionTimestamp) this.#loop.enqueue(object);
    });
    this.#loop.start({ signal });
  }

  async close(): Promise<void> {
    this.#unsubscribe?.();
    await this.#loop.close();
  }

  async reconcile(key: ObjectKey): Promise<{ afterMs: number } | undefined> {
    const namespace = this.#namespaces.get(key);
    if (!namespace?.metadata.deletionTimestamp || !namespace.spec?.finalizers?.includes('kubernetes')) return;
    const remaining = await this.#emptyAll(key.name);
    try {
      await this.#tell(namespace, remaining);
      if (remaining.length > 0) return { afterMs: AGAIN_MS };
      await this.#finalize(key);
    } catch (error) {
      if (isNotFound(error)) return;
      if (isConflict(error)) return { afterMs: AGAIN_MS };
      throw error;
    }
    return;
  }

  /** Deletes what is in a namespace; resolves with what stays for now. Nothing else goes before the last Pod has (KEP-5080). */
  async #emptyAll(namespace: string): Promise<Remaining[]> {
    const remaining: Remaining[] = [];
    for (const kind of await deletable(this.#client)) {
      remaining.push(...(await this.#empty(kind, namespace)));
      if (kind.group === '' && kind.kind === 'Pod' && remaining.length > 0) break;
    }
    return remaining;
  }

  /** Deletes all of one kind; resolves with what stays for now. */
  async #empty(kind: ApiResource, namespace: string): Promise<Remaining[]> {
    const resource = this.#client.metadata(kind);
    const before = await resource.list({ namespace });
    if (before.items.length === 0) return [];
    if (before.items.some(({ metadata }) => !metadata.deletionTimestamp))
      await resource.deleteCollection({ namespace });
    const { items } = await resource.list({ namespace });
    return items.map(({ metadata }) => ({ kind, finalizers: metadata.finalizers ?? [] }));
  }

  async #tell(namespace: Namespace, remaining: readonly Remaining[]): Promise<void> {
    const conditions = namespaceConditions(namespace.status?.conditions ?? [], remaining, new Date(this.#clock.now()));
    if (!conditions) return;
    const key = { name: namespace.metadata.name };
    await this.#client.resource('Namespace').patch(key, { status: { conditions } }, { subresource: 'status' });
  }

  async #finalize(key: ObjectKey): Promise<void> {
    const namespaces = this.#client.resource('Namespace');
    const current = await namespaces.get(key);
    const finalizers = (current.spec?.finalizers ?? []).filter((finalizer) => finalizer !== 'kubernetes');
    await namespaces.subresource(key, 'finalize', 'PUT', { ...current, spec: { ...current.spec, finalizers } });
  }
}
