import { isDeepStrictEqual } from 'node:util';
import type { Kind } from '@skiff/api/kinds';
import { type KubeObject, keyOf, type ObjectKey } from '@skiff/api/meta';
import { writeAmounts } from '@skiff/api/quota/amounts';
import { kindsCountedBy, quotaUsage } from '@skiff/api/quota/quota-usage';
import { isConflict, isNotFound } from '@skiff/api/status';
import type { KindName, KindTypes, ResourceQuota } from '@skiff/api/types';
import type { Client } from '@skiff/client/client';
import type { Informer } from '@skiff/client/informer';
import { ReconcileLoop, type Reconciler } from '@skiff/client/reconciler';
import type { ResourceClient } from '@skiff/client/resource';
import type { Controller, ControllerContext } from '../controller.ts';

/** Kinds with names of their own in quotas are followed; what `count/PLURAL` names is listed when it is counted. */
const followed = [
  'Pod',
  'Service',
  'PersistentVolumeClaim',
  'Secret',
  'ConfigMap',
  'ReplicationController',
  'ResourceQuota',
] as const satisfies readonly KindName[];

/** How often quotas are counted anew whose kinds are not followed. */
const recountMs = 5_000;

/** What is needed of an informer of any kind. */
interface Objects {
  list(namespace?: string): Iterable<KindTypes[(typeof followed)[number]]>;
  onChange(listener: (change: { object: { metadata: { namespace?: string } } }) => void): () => void;
}

/** Shows in each ResourceQuota how much of it is in use; the API server does so at each creation itself. */
export class ResourceQuotaController implements Controller, Reconciler {
  readonly name = 'resourcequota-controller';
  readonly #quotas: Informer<ResourceQuota>;
  readonly #objects: ReadonlyMap<string, Objects>;
  readonly #quotaClient: ResourceClient<ResourceQuota>;
  readonly #client: Client;
  readonly #loop: ReconcileLoop;
  #unsubscribe: (() => void)[] = [];

  constructor({ informers, client, logger }: ControllerContext) {
    this.#quotas = informers.for('ResourceQuota');
    this.#objects = new Map(followed.map((kind): [string, Objects] => [kind, informers.for(kind)]));
    this.#quotaClient = client.resource('ResourceQuota');
    this.#client = client;
    this.#loop = new ReconcileLoop({ name: this.name, reconciler: this, workers: 1, logger });
  }

  start({ signal }: { signal: AbortSignal }): void {
    this.#unsubscribe = [...this.#objects.values()].map((objects) =>
      objects.onChange(({ object }) => {
        for (const quota of this.#quotas.list(object.metadata.namespace)) this.#loop.enqueue(keyOf(quota));
      }),
    );
    this.#loop.start({ signal });
  }

  async close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await this.#loop.close();
  }

  async reconcile(key: ObjectKey): Promise<{ afterMs: number } | undefined> {
    const quota = this.#quotas.get(key);
    if (!quota || quota.metadata.deletionTimestamp) return;
    const others = kindsCountedBy(quota).filter(({ kind }) => !this.#objects.has(kind));
    const listed = new Map<string, readonly KubeObject[]>();
    for (const kind of others) listed.set(kind.kind, await this.#list(kind, key.namespace));
    // Objects of the caches are KubeObjects without an index signature.
    const list = (kind: Kind): Iterable<KubeObject> =>
      (this.#objects.get(kind.kind)?.list(key.namespace) as unknown as Iterable<KubeObject> | undefined) ??
      listed.get(kind.kind) ??
      [];
    const status = { hard: { ...quota.spec?.hard }, used: writeAmounts(quotaUsage(quota, list)) };
    if (!isDeepStrictEqual({ ...quota.status }, status)) {
      try {
        await this.#quotaClient.updateStatus({ ...quota, status });
      } catch (error) {
        // The API server wrote it; what the cache is about to show brings this quota back.
        if (!isConflict(error) && !isNotFound(error)) throw error;
      }
    }
    return others.length > 0 ? { afterMs: recountMs } : undefined;
  }

  async #list(kind: Kind, namespace: string | undefined): Promise<readonly KubeObject[]> {
    const { items } = await this.#client.metadata(kind).list({ namespace });
    // Nothing but their number counts.
    return items as unknown as readonly KubeObject[];
  }
}
