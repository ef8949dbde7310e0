import type { Clock } from '@skiff/api/clock';
import { formatKey, keyOf, type ObjectKey, parseKey, type StoredMeta } from '@skiff/api/meta';
import { isConflict, isNotFound } from '@skiff/api/status';
import { isUnavailable } from './connection-error.ts';
import { WorkQueue } from './work-queue.ts';

/**
 * One kind's controller: reads the world, fixes it. It may be called at any time for any key, also for objects that are
 * gone. What it throws is logged and tried again with back-off; `afterMs` asks to be called again later.
 */
export interface Reconciler {
  reconcile(key: ObjectKey, signal: AbortSignal): Promise<void> | Promise<{ afterMs: number } | undefined>;
}

/** What a loop needs of a logger: pino's form, fields first. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface ReconcileLoopOptions {
  readonly name: string;
  readonly reconciler: Reconciler;
  /** How many keys are handled at once. Default 4. */
  readonly workers?: number;
  readonly logger?: Logger;
  readonly clock?: Clock | undefined;
}

/** While the API server is away, keys wait this long, and no longer and longer: it is not their fault. */
const unavailableMs = 500;

/** Feeds a reconciler from a work queue. */
export class ReconcileLoop {
  readonly #options: ReconcileLoopOptions;
  readonly #queue: WorkQueue;
  readonly #idle: (() => void)[] = [];
  #workers: Promise<void>[] = [];

  constructor(options: ReconcileLoopOptions) {
    this.#options = options;
    this.#queue = new WorkQueue({ clock: options.clock });
  }

  enqueue(what: ObjectKey | { metadata: StoredMeta }): void {
    this.#queue.add(formatKey('metadata' in what ? keyOf(what) : what));
  }

  enqueueAfter(what: ObjectKey | { metadata: StoredMeta }, ms: number): void {
    this.#queue.addAfter(formatKey('metadata' in what ? keyOf(what) : what), ms);
  }

  start({ signal }: { signal: AbortSignal }): void {
    if (signal.aborted) return;
    signal.addEventListener('abort', () => this.#queue.close(), { once: true });
    this.#workers = Array.from({ length: this.#options.workers ?? 4 }, () => this.#work(signal));
  }

  /** Resolves when what is in hand is finished. */
  async close(): Promise<void> {
    this.#queue.close();
    await Promise.all(this.#workers);
  }

  /** Resolves when nothing waits and nothing is in hand. */
  idle(): Promise<void> {
    if (this.#queue.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (let key = await this.#queue.next(); key !== undefined; key = await this.#queue.next()) {
      try {
        const result = await this.#options.reconciler.reconcile(parseKey(key), signal);
        this.#queue.forget(key);
        if (result) this.#queue.addAfter(key, result.afterMs);
      } catch (error) {
        if (!signal.aborted) this.#failed(key, error);
      }
      this.#queue.done(key);
      if (this.#queue.length === 0) for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  #failed(key: string, error: unknown): void {
    const { name, logger } = this.#options;
    // Others write the same objects: to lose such a race is ordinary, and the next try reads the world anew.
    const ordinary = isConflict(error) || isNotFound(error) || isUnavailable(error);
    logger?.[ordinary ? 'debug' : 'warn']({ controller: name, object: key, err: error }, 'reconcile failed');
    if (isUnavailable(error)) this.#queue.addAfter(key, unavailableMs * (1 + Math.random() / 2));
    else this.#queue.addRateLimited(key);
  }
}
