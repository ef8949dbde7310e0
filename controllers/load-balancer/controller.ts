import { isDeepStrictEqual } from 'node:util';
import { formatKey, keyOf, type ObjectKey } from '@skiff/api/meta';
import { isConflict, isNotFound } from '@skiff/api/status';
import type { Node, Service } from '@skiff/api/types';
import type { EventRecorder } from '@skiff/client/events';
import type { Informer } from '@skiff/client/informer';
import { ReconcileLoop, type Reconciler } from '@skiff/client/reconciler';
import type { ResourceClient } from '@skiff/client/resource';
import type { Controller, ControllerContext } from '../controller.ts';
import { type Ingress, ingressOf, movedPorts, requestFor, wantsLoadBalancer } from './ingress.ts';
import { isLoopback, LoopbackAddresses } from './loopback-addresses.ts';
import type { LoadBalancerProvider, LoadBalancerRequest } from './provider.ts';

/** Keeps a Service until its address was given back. */
export const cleanupFinalizer = 'service.kubernetes.io/load-balancer-cleanup';

/** Gives every Service of type LoadBalancer an address outside of the cluster, and takes it back. */
export class LoadBalancerController implements Controller, Reconciler {
  readonly name = 'service-controller';
  readonly #services: Informer<Service>;
  readonly #nodes: Informer<Node>;
  readonly #client: ResourceClient<Service>;
  readonly #events: EventRecorder;
  readonly #provider: LoadBalancerProvider;
  /** What the provider was last asked for and what it gave, by Service. */
  readonly #reserved = new Map<string, { wish: LoadBalancerRequest; ingress: Ingress[] }>();
  readonly #loop: ReconcileLoop;
  #unsubscribe: (() => void)[] = [];

  constructor(context: ControllerContext, options: { provider?: LoadBalancerProvider | undefined } = {}) {
    this.#services = context.informers.for('Service');
    this.#nodes = context.informers.for('Node');
    this.#client = context.client.resource('Service');
    this.#events = context.recorder(this.name);
    this.#provider = options.provider ?? new LoopbackAddresses();
    // One worker: after a restart the Services that have an address ask for it before new ones ask for any.
    this.#loop = new ReconcileLoop({
      name: this.name,
      reconciler: this,
      workers: 1,
      logger: context.logger,
      clock: context.clock,
    });
  }

  start({ signal }: { signal: AbortSignal }): void {
    for (const service of this.#services.list()) if (isProvidedFor(service)) this.#loop.enqueue(keyOf(service));
    this.#unsubscribe = [
      this.#services.onChange(({ object }) => this.#loop.enqueue(keyOf(object))),
      this.#nodes.onChange(({ object, old }) => {
        if (isReady(object) && !(old && isReady(old))) this.#enqueuePending();
      }),
    ];
    this.#loop.start({ signal });
  }

  async close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await this.#loop.close();
  }

  #enqueuePending(): void {
    for (const service of this.#services.list()) {
      if (wantsLoadBalancer(service) && !isProvidedFor(service)) this.#loop.enqueue(keyOf(service));
    }
  }

  async reconcile(key: ObjectKey): Promise<void> {
    const id = formatKey(key);
    const service = this.#services.get(key);
    try {
      if (service && wantsLoadBalancer(service)) await this.#ensure(id, service);
      else await this.#release(id, service);
    } catch (error) {
      // The cache is behind, or the Service is gone: either way it comes back here.
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  }

  async #ensure(id: string, service: Service): Promise<void> {
    const { wish, request } = requestFor(id, service);
    const known = this.#reserved.get(id);
    if (known && isDeepStrictEqual(known.wish, wish)) return this.#writeIngress(service, known.ingress);

    // After a restart the address is only opened again; that is nothing to tell anyone.
    const isResumed = !known && isProvidedFor(service);
    if (!known && !isResumed && !this.#nodes.list().some(isReady)) {
      const message = 'There are no available nodes for LoadBalancer';
      this.#events.event(service, 'Warning', 'UnAvailableLoadBalancer', message);
      return;
    }
    if (!isResumed) this.#events.event(service, 'Normal', 'EnsuringLoadBalancer', 'Ensuring load balancer');
    if (!service.metadata.finalizers?.includes(cleanupFinalizer)) {
      const finalizers = [...(service.metadata.finalizers ?? []), cleanupFinalizer];
      await this.#client.patch(keyOf(service), finalizersPatch(service, finalizers));
    }
    const reservation = await this.#reserve(service, request);
    const ingress = ingressOf(reservation);
    this.#reserved.set(id, { wish, ingress });
    if (!isDeepStrictEqual(service.status?.loadBalancer?.ingress, ingress)) {
      this.#tell(service, reservation.address, movedPorts(reservation));
    }
    await this.#writeIngress(service, ingress);
    if (!isResumed) this.#events.event(service, 'Normal', 'EnsuredLoadBalancer', 'Ensured load balancer');
  }

  async #writeIngress(service: Service, ingress: Ingress[]): Promise<void> {
    if (isDeepStrictEqual(service.status?.loadBalancer?.ingress, ingress)) return;
    const patch = { metadata: { uid: service.metadata.uid }, status: { loadBalancer: { ingress } } };
    await this.#client.patch(keyOf(service), patch, { subresource: 'status' });
  }

  async #reserve(service: Service, request: LoadBalancerRequest) {
    try {
      return await this.#provider.reserve(request);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const text = `Error syncing load balancer: failed to ensure load balancer: ${message}`;
      this.#events.event(service, 'Warning', 'SyncLoadBalancerFailed', text);
      throw error;
    }
  }

  #tell(service: Service, address: string, moved: ReturnType<typeof movedPorts>): void {
    const wish = service.spec?.loadBalancerIP;
    if (wish && wish !== address) {
      const why = isLoopback(wish) ? 'is taken' : 'is not an address of 127.0.0.0/8';
      const message = `The requested address ${wish} ${why}; ${address} is used instead`;
      this.#events.event(service, 'Warning', 'LoadBalancerIPNotUsed', message);
    }
    for (const { port, hostPort, protocol, reason } of moved) {
      const message = `Port ${port}/${protocol} of ${address} could not be opened; use ${address}:${hostPort} instead`;
      this.#events.event(service, 'Warning', reason, message);
    }
  }

  async #release(id: string, service: Service | undefined): Promise<void> {
    const held = service?.metadata.finalizers?.includes(cleanupFinalizer) ?? false;
    if (!held && !this.#reserved.has(id)) return;
    if (service) this.#events.event(service, 'Normal', 'DeletingLoadBalancer', 'Deleting load balancer');
    await this.#provider.release(id);
    this.#reserved.delete(id);
    if (!service || !held) return;
    if (hasAddress(service)) {
      await this.#client.patch(
        keyOf(service),
        { status: { loadBalancer: { ingress: null } } },
        { subresource: 'status' },
      );
    }
    const fresh = await this.#client.get(keyOf(service));
    const finalizers = (fresh.metadata.finalizers ?? []).filter((finalizer) => finalizer !== cleanupFinalizer);
    await this.#client.patch(keyOf(service), finalizersPatch(fresh, finalizers));
    this.#events.event(service, 'Normal', 'DeletedLoadBalancer', 'Deleted load balancer');
  }
}

const hasAddress = (service: Service): boolean => (service.status?.loadBalancer?.ingress?.length ?? 0) > 0;

/** Whether its address is from here; one without our finalizer was written by somebody else. */
const isProvidedFor = (service: Service): boolean =>
  hasAddress(service) && (service.metadata.finalizers?.includes(cleanupFinalizer) ?? false);

const isReady = (node: Node): boolean =>
  node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;

function finalizersPatch({ metadata }: Service, finalizers: string[]): object {
  return { metadata: { uid: metadata.uid, resourceVersion: metadata.resourceVersion, finalizers } };
}
