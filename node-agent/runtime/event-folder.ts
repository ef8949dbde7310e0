import { type FSWatcher, watch } from 'node:fs';

/** Tells which container a shim wrote about, as soon as it did (inotify), and lets callers wait for what they expect. */
export class EventFolder {
  readonly #watcher: FSWatcher;
  readonly #listeners = new Set<(file: string) => void>();

  constructor(folder: string) {
    this.#watcher = watch(folder, { persistent: false }, (_type, file) => {
      if (file !== null) for (const listener of [...this.#listeners]) listener(file);
    });
  }

  onEvent(listener: (file: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves with the first value that `read` gives, asked now and at each event; undefined after `timeoutMs`. */
  async until<T>(read: () => T | undefined, timeoutMs: number): Promise<T | undefined> {
    const now = read();
    if (now !== undefined) return now;
    const { promise, resolve, reject } = Promise.withResolvers<T | undefined>();
    const stop = this.onEvent(() => {
      try {
        const value = read();
        if (value !== undefined) resolve(value);
      } catch (error) {
        reject(error);
      }
    });
    // Not unref'd: somebody waits for the answer.
    const timer = setTimeout(() => resolve(read()), timeoutMs);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      stop();
    }
  }

  close(): void {
    this.#watcher.close();
    this.#listeners.clear();
  }
}
