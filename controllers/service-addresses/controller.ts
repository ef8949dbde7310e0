import { formatKey, keyOf } from '@skiff/api/meta';
import { isConflict, isNotFound } from '@skiff/api/status';
import type { Service, ServiceCIDR } from '@skiff/api/types';
import type { EventRecorder } from '@skiff/client/events';
import type { Informer } from '@skiff/client/informer';
import type { ResourceClient } from '@skiff/client/resource';
import type { Controller, ControllerContext } from '../controller.ts';
import { auditAddresses, lacksAddress } from './audit.ts';

/** As often as kube-apiserver's repair loops. */
const intervalMs = 3 * 60_000;

/** As the API server's default. */
const nodePorts = { from: 30000, to: 32767 };

/**
 * Looks from time to time whether every Service has an address of its own. The API server allocates addresses and its
 * table of them is the Services themselves, so nothing can leak; what is left is conflicts, which it reports by Events,
 * and Services without an address, for which it asks the API server again.
 */
export class ServiceAddressController implements Controller {
  readonly name = 'service-addresses-controller';
  readonly #services: Informer<Service>;
  readonly #client: ResourceClient<Service>;
  readonly #events: EventRecorder;
  readonly #logger: ControllerContext['logger'];
  readonly #ranges: Informer<ServiceCIDR>;
  #timer: NodeJS.Timeout | undefined;

  constructor(context: ControllerContext) {
    this.#services = context.informers.for('Service');
    this.#client = context.client.resource('Service');
    this.#events = context.recorder(this.name);
    this.#logger = context.logger;
    this.#ranges = context.informers.for('ServiceCIDR');
  }

  start({ signal }: { signal: AbortSignal }): void {
    signal.addEventListener('abort', () => void this.close(), { once: true });
    const run = (): void => {
      this.repair().catch((error: unknown) => this.#logger.error({ err: error }, 'repairing service addresses failed'));
    };
    this.#timer = setInterval(run, intervalMs);
    run();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
  }

  /** One pass over all Services. */
  async repair(): Promise<void> {
    await Promise.all([this.#services.synced(), this.#ranges.synced()]);
    const services = this.#services.list();
    const clusterIPs = this.#ranges.list().flatMap(({ spec }) => spec?.cidrs ?? []);
    for (const { service, reason, message } of auditAddresses(services, { clusterIPs, nodePorts })) {
      this.#events.event(service, 'Warning', reason, message);
    }
    for (const service of services.filter(lacksAddress)) await this.#allocate(service);
  }

  async #allocate(service: Service): Promise<void> {
    const message = `Cluster IP of ${formatKey(keyOf(service))} is not allocated; repairing`;
    this.#events.event(service, 'Warning', 'ClusterIPNotAllocated', message);
    try {
      await this.#client.update(service);
    } catch (error) {
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  }
}
