import type { ObjectKey } from '@skiff/api/meta';
import { isAlreadyExists, isForbidden, isNotFound } from '@skiff/api/status';
import type { ConfigMap, Namespace, ServiceAccount } from '@skiff/api/types';
import type { Client } from '@skiff/client/client';
import type { Informer } from '@skiff/client/informer';
import { ReconcileLoop, type Reconciler } from '@skiff/client/reconciler';
import type { Controller, ControllerContext } from '../controller.ts';

const account = 'default';
const rootCa = 'kube-root-ca.crt';
const description =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal ' +
  'service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/** Gives every namespace what its Pods need to talk to the API: the account `default` and the authority to trust. */
export class ServiceAccountController implements Controller, Reconciler {
  readonly name = 'serviceaccount-controller';
  readonly #client: Client;
  readonly #ca: string;
  readonly #namespaces: Informer<Namespace>;
  readonly #accounts: Informer<ServiceAccount>;
  readonly #configMaps: Informer<ConfigMap>;
  readonly #loop: ReconcileLoop;
  #unsubscribe: (() => void)[] = [];

  constructor(context: ControllerContext, options: { ca: string }) {
    this.#client = context.client;
    this.#ca = options.ca;
    this.#namespaces = context.informers.for('Namespace');
    this.#accounts = context.informers.for('ServiceAccount');
    this.#configMaps = context.informers.for('ConfigMap');
    this.#loop = new ReconcileLoop({
      name: this.name,
      reconciler: this,
      workers: 4,
      logger: context.logger,
      clock: context.clock,
    });
  }

  start({ signal }: { signal: AbortSignal }): void {
    const repair = (name: string) => (change: { object: ServiceAccount | ConfigMap; old?: unknown; type: string }) => {
      const { metadata } = change.object;
      if (metadata.name === name && change.type !== 'added') this.#loop.enqueue({ name: metadata.namespace ?? '' });
    };
    this.#unsubscribe = [
      this.#namespaces.onChange(({ type, object }) => type !== 'deleted' && this.#loop.enqueue(object)),
      this.#accounts.onChange(repair(account)),
      this.#configMaps.onChange(repair(rootCa)),
    ];
    this.#loop.start({ signal });
  }

  async close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await this.#loop.close();
  }

  async reconcile({ name: namespace }: ObjectKey): Promise<void> {
    const found = this.#namespaces.get({ name: namespace });
    if (!found || found.metadata.deletionTimestamp) return;
    try {
      await Promise.all([this.#ensureAccount(namespace), this.#ensureRootCa(namespace)]);
    } catch (error) {
      // Made meanwhile, or the namespace has begun to go: either way there is nothing left to do.
      if (!isAlreadyExists(error) && !isForbidden(error) && !isNotFound(error)) throw error;
    }
  }

  async #ensureAccount(namespace: string): Promise<void> {
    if (this.#accounts.get({ namespace, name: account })) return;
    await this.#client.resource('ServiceAccount').create({ metadata: { namespace, name: account } });
  }

  async #ensureRootCa(namespace: string): Promise<void> {
    if (this.#ca === '') return;
    const data = { 'ca.crt': this.#ca };
    const current = this.#configMaps.get({ namespace, name: rootCa });
    if (current?.data?.['ca.crt'] === this.#ca && Object.keys(current.data).length === 1) return;
    const configMaps = this.#client.resource('ConfigMap');
    const annotations = { 'kubernetes.io/description': description };
    if (current) await configMaps.update({ ...current, data });
    else await configMaps.create({ metadata: { namespace, name: rootCa, annotations }, data });
  }
}
