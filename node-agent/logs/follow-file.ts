import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import type { Follow } from './read-log.ts';

/** Looked at though nothing was heard: the file system may have no more watches to give. */
const LOOK_MS = 500;

export interface FollowOptions {
  readonly path: string;
  readonly containerId: string;
  readonly runtime: Pick<ContainerRuntime, 'containerStatus' | 'onChange'>;
  readonly signal: AbortSignal;
}

/** Follows a container's log until the container, or the reader, is gone. */
export class FollowFile implements Follow, Disposable {
  readonly #options: FollowOptions;
  readonly #unsubscribe: () => void;
  #watcher: FSWatcher | undefined;
  #wake = Promise.withResolvers<void>();

  constructor(options: FollowOptions) {
    this.#options = options;
    const wake = (): void => this.#wake.resolve();
    this.#unsubscribe = options.runtime.onChange((id) => {
      if (id === options.containerId) wake();
    });
    options.signal.addEventListener('abort', wake, { once: true });
    try {
      this.#watcher = watch(dirname(options.path), { persistent: false }, wake).on('error', () => undefined);
    } catch {
      // Then looking now and then has to do.
    }
  }

  readonly more = async (): Promise<'more' | 'ended'> => {
    const { containerId, runtime, signal } = this.#options;
    if (signal.aborted) return 'ended';
    const status = await runtime.containerStatus(containerId);
    if (status === undefined || status.state === 'exited') return 'ended';
    const timer = setTimeout(() => this.#wake.resolve(), LOOK_MS);
    await this.#wake.promise;
    clearTimeout(timer);
    this.#wake = Promise.withResolvers<void>();
    return signal.aborted ? 'ended' : 'more';
  };

  [Symbol.dispose](): void {
    this.#unsubscribe();
    this.#watcher?.close();
  }
}
