import { isNotFound } from '@skiff/api/status';
import type { Lease, Node } from '@skiff/api/types';
import type { Client } from '@skiff/client/client';
import { type Clock, systemClock } from '../clock.ts';

/** The kubelet's: nodeLeaseDurationSeconds 40, renewed at a quarter of it. */
const DURATION_SECONDS = 40;
const RENEW_MS = (DURATION_SECONDS / 4) * 1000;
const RETRY_MS = 1000;
const NAMESPACE = 'kube-node-lease';

export interface NodeLeaseOptions {
  readonly client: Client;
  /** The owner: the Lease goes when it goes. */
  readonly node: () => Node | undefined;
  readonly nodeName: string;
  readonly clock?: Clock;
}

/** The node's sign of life: a Lease of its own name (Kubernetes documentation, "Leases: Node heartbeats"). */
export class NodeLease {
  readonly #options: NodeLeaseOptions;
  readonly #clock: Clock;
  #stopTimer: () => void = () => {};

  constructor(options: NodeLeaseOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  start({ signal }: { signal: AbortSignal }): void {
    const renew = (): void => {
      void this.renew()
        .then(
          () => RENEW_MS,
          () => RETRY_MS,
        )
        .then((ms) => {
          if (!signal.aborted) this.#stopTimer = this.#clock.after(ms, renew);
        });
    };
    signal.addEventListener('abort', () => this.#stopTimer(), { once: true });
    renew();
  }

  /** A patch, so that nothing has to be read before; a create where there is none. */
  async renew(): Promise<void> {
    const { client, nodeName } = this.#options;
    const leases = client.resource('Lease');
    const key = { namespace: NAMESPACE, name: nodeName };
    const spec = {
      holderIdentity: nodeName,
      leaseDurationSeconds: DURATION_SECONDS,
      renewTime: new Date(this.#clock.now()).toISOString().replace('Z', '000Z'),
    };
    try {
      await leases.patch(key, { spec });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await leases.create({ metadata: { ...key, ...this.#owner() }, spec });
    }
  }

  #owner(): Pick<Lease['metadata'], 'ownerReferences'> {
    const { name, uid } = this.#options.node()?.metadata ?? {};
    return name && uid ? { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }] } : {};
  }
}
