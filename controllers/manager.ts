import { type Clock, systemClock } from '@skiff/api/clock';
import { Client } from '@skiff/client/client';
import type { ClientConfig } from '@skiff/client/config';
import { EventRecorder } from '@skiff/client/events';
import { Informers } from '@skiff/client/informers';
import type { Logger } from '@skiff/client/reconciler';
import { ClusterRoleAggregationController } from './cluster-role-aggregation/controller.ts';
import type { Controller, ControllerContext } from './controller.ts';
import { CronJobController } from './cron-job/controller.ts';
import { DaemonSetController } from './daemon-set/controller.ts';
import { DeploymentController } from './deployment/controller.ts';
import { DisruptionController } from './disruption/controller.ts';
import { EndpointsController } from './endpoints/controller.ts';
import { EndpointSliceController } from './endpointslice/controller.ts';
import { EndpointSliceMirroringController } from './endpointslice-mirroring/controller.ts';
import { GarbageCollector } from './garbage-collector/controller.ts';
import { JobController } from './job/controller.ts';
import { LoadBalancerController } from './load-balancer/controller.ts';
import type { LoadBalancerProvider } from './load-balancer/provider.ts';
import { NamespaceController } from './namespace/controller.ts';
import { NodeLifecycleController } from './node-lifecycle/controller.ts';
import { PersistentVolumeController } from './persistent-volume/controller.ts';
import { ReplicaSetController } from './replica-set/controller.ts';
import { ResourceQuotaController } from './resource-quota/controller.ts';
import { Scheduler } from './scheduler/scheduler.ts';
import { ServiceAccountController } from './service-account/controller.ts';
import { ServiceAddressController } from './service-addresses/controller.ts';
import { ServiceCidrController } from './service-cidr/controller.ts';
import { StatefulSetController } from './stateful-set/controller.ts';
import { VolumeProtectionController } from './volume-protection/controller.ts';

export interface ControllerManagerOptions {
  readonly logger: Logger;
  /** Who opens addresses for Services of type LoadBalancer; by default they are only allocated. */
  readonly loadBalancer?: LoadBalancerProvider | undefined;
  /** How long a node's lease may go without renewal. Default 40 s. */
  readonly nodeGraceMs?: number;
  readonly clock?: Clock | undefined;
}

/** All controllers over one client and one set of informers. Construct, `start`, `close`. */
export class ControllerManager implements AsyncDisposable {
  readonly #client: Client;
  readonly #informers: Informers;
  readonly #controllers: readonly { readonly make: () => Controller; controller: Controller }[];
  readonly #stopping = new AbortController();

  constructor(config: ClientConfig, options: ControllerManagerOptions) {
    this.#client = new Client({ userAgent: 'skiff-controllers', ...config });
    this.#informers = new Informers(this.#client);
    const context: ControllerContext = {
      client: this.#client,
      informers: this.#informers,
      recorder: (component) => new EventRecorder(this.#client, { component, clock: options.clock }),
      logger: options.logger,
      clock: options.clock ?? systemClock,
    };
    const make: readonly (() => Controller)[] = [
      () => new Scheduler(context),
      () => new DeploymentController(context),
      () => new ReplicaSetController(context),
      () => new StatefulSetController(context),
      () => new DaemonSetController(context),
      () => new JobController(context),
      () => new DisruptionController(context),
      () => new ResourceQuotaController(context),
      () => new PersistentVolumeController(context),
      () => new VolumeProtectionController(context),
      () => new CronJobController(context),
      () => new EndpointSliceController(context),
      () => new EndpointsController(context),
      () => new EndpointSliceMirroringController(context),
      () => new ServiceAddressController(context),
      () => new ServiceCidrController(context),
      () => new LoadBalancerController(context, { provider: options.loadBalancer }),
      () => new NamespaceController(context),
      () => new GarbageCollector(context),
      () => new ClusterRoleAggregationController(context),
      () => new ServiceAccountController(context, { ca: config.ca ?? '' }),
      () =>
        new NodeLifecycleController(context, options.nodeGraceMs === undefined ? {} : { graceMs: options.nodeGraceMs }),
    ];
    this.#controllers = make.map((maker) => ({ make: maker, controller: maker() }));
  }

  /** Resolves when every informer has its first list and every controller works. */
  async start(options: { signal?: AbortSignal } = {}): Promise<void> {
    const { signal } = this.#stopping;
    options.signal?.addEventListener('abort', () => void this.close(), { once: true });
    this.#informers.start({ signal });
    await this.#informers.synced();
    for (const { controller } of this.#controllers) controller.start({ signal });
  }

  /** Ends one controller, as if it had crashed; what this resolves with starts it anew. Rejects where none has this name. */
  async pause(name: string): Promise<() => void> {
    const slot = this.#controllers.find(({ controller }) => controller.name === name);
    if (!slot) {
      const names = this.#controllers.map(({ controller }) => controller.name).sort();
      throw new Error(`there is no controller "${name}"; there are ${names.join(', ')}`);
    }
    const paused = slot.controller;
    await paused.close();
    return () => {
      if (slot.controller !== paused || this.#stopping.signal.aborted) return;
      slot.controller = slot.make();
      slot.controller.start({ signal: this.#stopping.signal });
    };
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#controllers.map(({ controller }) => controller.close()));
    this.#client.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
