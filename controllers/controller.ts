import type { Clock } from '@skiff/api/clock';
import type { Client } from '@skiff/client/client';
import type { EventRecorder } from '@skiff/client/events';
import type { Informers } from '@skiff/client/informers';
import type { Logger } from '@skiff/client/reconciler';

/** What every controller is made from. */
export interface ControllerContext {
  readonly client: Client;
  readonly informers: Informers;
  /** A recorder whose Events name this component as their source. */
  recorder(component: string): EventRecorder;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** One control loop. It is constructed without I/O; the manager starts it once its informers are there. */
export interface Controller {
  /** Upstream's name of it: `replicaset-controller`. */
  readonly name: string;
  start(options: { signal: AbortSignal }): void;
  /** Resolves when what is in hand is finished. */
  close(): Promise<void>;
}
