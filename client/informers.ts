import type { KindName, KindTypes } from '@skiff/api/types';
import type { Client } from './client.ts';
import { Informer } from './informer.ts';

/** One shared informer for each kind that is asked for. One that is asked for after the start begins at once. */
export class Informers {
  readonly #client: Client;
  readonly #informers = new Map<
    KindName,
    { informer: unknown; start: (signal: AbortSignal) => void; synced: () => Promise<void> }
  >();
  #signal: AbortSignal | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  for<Name extends KindName>(name: Name): Informer<KindTypes[Name]> {
    const known = this.#informers.get(name);
    // The map holds under each name the informer of that name's type.
    if (known) return known.informer as Informer<KindTypes[Name]>;
    const informer = new Informer(this.#client.resource(name));
    const start = (signal: AbortSignal): void => informer.start({ signal });
    this.#informers.set(name, { informer, start, synced: () => informer.synced() });
    if (this.#signal) start(this.#signal);
    return informer;
  }

  start({ signal }: { signal: AbortSignal }): void {
    this.#signal = signal;
    for (const { start } of this.#informers.values()) start(signal);
  }

  /** Resolves when every informer asked for so far has its first list. */
  async synced(): Promise<void> {
    await Promise.all([...this.#informers.values()].map(({ synced }) => synced()));
  }
}
