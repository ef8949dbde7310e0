import { isInRange, parseIpv4Range } from '@skiff/api/ip';
import { keyOf, type ObjectKey } from '@skiff/api/meta';
import { isConflict, isNotFound } from '@skiff/api/status';
import type { IPAddress, ServiceCIDR } from '@skiff/api/types';
import type { Informer } from '@skiff/client/informer';
import { ReconcileLoop } from '@skiff/client/reconciler';
import type { ResourceClient } from '@skiff/client/resource';
import type { Controller, ControllerContext } from '../controller.ts';
import { wireTime } from '../wire-time.ts';

const finalizer = 'networking.k8s.io/service-cidr-finalizer';
const readyMessage = 'Kubernetes Service CIDR is ready';
const heldMessage =
  'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR';

const holds = ({ spec }: ServiceCIDR, address: string): boolean =>
  (spec?.cidrs ?? []).some((cidr) => {
    const range = parseIpv4Range(cidr);
    return range !== undefined && isInRange(address, range);
  });

/** Lets Services use a new range of addresses, and keeps it until none of them does (upstream: pkg/controller/servicecidrs). */
export class ServiceCidrController implements Controller {
  readonly name = 'service-cidr-controller';
  readonly #ranges: Informer<ServiceCIDR>;
  readonly #addresses: Informer<IPAddress>;
  readonly #client: ResourceClient<ServiceCIDR>;
  readonly #addressClient: ResourceClient<IPAddress>;
  readonly #now: () => number;
  readonly #loop: ReconcileLoop;
  #unsubscribe: (() => void)[] = [];

  constructor({ informers, client, logger, clock }: ControllerContext) {
    this.#ranges = informers.for('ServiceCIDR');
    this.#addresses = informers.for('IPAddress');
    this.#client = client.resource('ServiceCIDR');
    this.#addressClient = client.resource('IPAddress');
    this.#now = () => clock.now();
    const reconciler = { reconcile: (key: ObjectKey) => this.#reconcile(key) };
    this.#loop = new ReconcileLoop({ name: this.name, reconciler, workers: 1, logger });
  }

  start({ signal }: { signal: AbortSignal }): void {
    const again = (matches: (range: ServiceCIDR) => boolean): void => {
      for (const range of this.#ranges.list()) if (matches(range)) this.#loop.enqueue(range);
    };
    this.#unsubscribe = [
      this.#ranges.onChange(({ object }) => {
        this.#loop.enqueue(object);
        // Another one may hold the addresses of one that ends.
        again(({ metadata }) => metadata.deletionTimestamp !== undefined && metadata.name !== object.metadata.name);
      }),
      this.#addresses.onChange(({ type, object }) => {
        if (type === 'deleted') again((range) => holds(range, object.metadata.name));
      }),
    ];
    this.#loop.start({ signal });
  }

  async close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await this.#loop.close();
  }

  async #reconcile(key: ObjectKey): Promise<void> {
    const range = this.#ranges.get(key);
    if (!range) return;
    try {
      if (range.metadata.deletionTimestamp) await this.#end(range);
      else await this.#admit(range);
    } catch (error) {
      // It went or changed; what the cache is about to show brings it back.
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }

  async #admit(range: ServiceCIDR): Promise<void> {
    const { finalizers = [] } = range.metadata;
    if (!finalizers.includes(finalizer)) await this.#finalizers(range, [...finalizers, finalizer]);
    await this.#ready(range, { status: 'True', reason: '', message: readyMessage });
  }

  async #end(range: ServiceCIDR): Promise<void> {
    const { finalizers = [] } = range.metadata;
    if (!finalizers.includes(finalizer)) return;
    // Asked for anew, because the cache may not have the newest ones yet.
    const { items } = await this.#addressClient.list();
    const others = [...this.#ranges.list()].filter(
      ({ metadata }) => metadata.name !== range.metadata.name && !metadata.deletionTimestamp,
    );
    const onlyHere = ({ metadata }: IPAddress): boolean =>
      holds(range, metadata.name) && !others.some((other) => holds(other, metadata.name));
    if (items.some(onlyHere)) {
      await this.#ready(range, { status: 'False', reason: 'Terminating', message: heldMessage });
      return;
    }
    await this.#finalizers(
      range,
      finalizers.filter((name) => name !== finalizer),
    );
  }

  async #finalizers(range: ServiceCIDR, finalizers: readonly string[]): Promise<void> {
    const { uid, resourceVersion } = range.metadata;
    await this.#client.patch(keyOf(range), { metadata: { uid, resourceVersion, finalizers } });
  }

  async #ready(range: ServiceCIDR, is: { status: string; reason: string; message: string }): Promise<void> {
    const conditions = range.status?.conditions ?? [];
    if (conditions.some(({ type, status }) => type === 'Ready' && status === is.status)) return;
    const ready = { type: 'Ready', ...is, lastTransitionTime: wireTime(this.#now()) };
    const status = { conditions: [...conditions.filter(({ type }) => type !== 'Ready'), ready] };
    await this.#client.patch(keyOf(range), { status }, { subresource: 'status' });
  }
}
