import { formatKey, keyOf } from '@skiff/api/meta';
import { isConflict, isNotFound } from '@skiff/api/status';
import type { Service } from '@skiff/api/types';
import type { EventRecorder } from '@skiff/client/events';
import type { Informer } from '@skiff/client/informer';
import type { ResourceClient } from '@skiff/client/resource';
import type { Controller, ControllerContext } from '../controller.ts';
import { auditAddresses, defaultRanges, lacksAddress, type ServiceRanges } from './audit.ts';

/** As often as kube-apiserver's repair loops. */
const intervalMs = 3 * 60_000;

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
  readonly #ranges: ServiceRanges;
  #timer: NodeJS.Timeout | undefined;

  constructor(context: ControllerContext, options: { ranges?: ServiceRanges | undefined } = {}) {
    this.#services = context.informers.for('Service');
    this.#client = context.client.resource('Service');
    this.#events = context.recorder(this.name);
    this.#logger = context.logger;
    this.#ranges = options.ranges ?? defaultRanges;
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
    await this.#services.synced();
    const services = this.#services.list();
    for (const { service, reason, message } of auditAddresses(services, this.#ranges)) {
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
