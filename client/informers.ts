import type { Kind } from '@skiff/api/kinds';
import { isForbidden } from '@skiff/api/status';
import type { KindName, KindTypes } from '@skiff/api/types';
import type { Client } from './client.ts';
import { isUnavailable } from './connection-error.ts';
import { Informer } from './informer.ts';
import type { Logger } from './reconciler.ts';
import type { Identified } from './resource.ts';

export interface InformersOptions {
  readonly logger?: Logger;
  /** For tests: see {@link Informer}. */
  readonly freeze?: boolean;
}

interface Entry {
  readonly informer: unknown;
  start(signal: AbortSignal): void;
  synced(): Promise<void>;
}

/** One shared informer for each kind that is asked for. One that is asked for after the start begins at once. */
export class Informers {
  readonly #client: Client;
  readonly #options: InformersOptions;
  readonly #full = new Map<string, Entry>();
  readonly #metadata = new Map<string, Entry>();
  #signal: AbortSignal | undefined;

  constructor(client: Client, options: InformersOptions = {}) {
    this.#client = client;
    this.#options = options;
  }

  for<Name extends KindName>(name: Name): Informer<KindTypes[Name]> {
    const known = this.#full.get(name)?.informer;
    // The map holds under each name the informer of that name's type.
    if (known) return known as Informer<KindTypes[Name]>;
    const informer = new Informer(this.#client.resource(name), this.#optionsFor(name));
    this.#add(this.#full, name, informer);
    return informer;
  }

  /**
   * For who needs no more than metadata: the full informer where one was asked for before, otherwise one that holds and
   * transfers metadata only. So ask late.
   */
  metadataOf(kind: Kind): Informer<Identified> {
    const known = (this.#full.get(kind.kind) ?? this.#metadata.get(kind.kind))?.informer;
    // An informer of any kind is one of objects that have metadata, to who only reads.
    if (known) return known as Informer<Identified>;
    const informer = new Informer(this.#client.metadata(kind), this.#optionsFor(kind.kind));
    this.#add(this.#metadata, kind.kind, informer);
    return informer;
  }

  start({ signal }: { signal: AbortSignal }): void {
    this.#signal = signal;
    for (const { start } of this.#all()) start(signal);
  }

  /** Resolves when every informer asked for so far has its first list. */
  async synced(): Promise<void> {
    await Promise.all(this.#all().map(({ synced }) => synced()));
  }

  #all(): Entry[] {
    return [...this.#full.values(), ...this.#metadata.values()];
  }

  #add<T extends Identified>(entries: Map<string, Entry>, name: string, informer: Informer<T>): void {
    const start = (signal: AbortSignal): void => informer.start({ signal });
    entries.set(name, { informer, start, synced: () => informer.synced() });
    if (this.#signal) start(this.#signal);
  }

  #optionsFor(kind: string): { onError: (error: unknown) => void; freeze: boolean; watchList: boolean } {
    const { logger, freeze = false } = this.#options;
    const onError = (error: unknown): void => {
      const level = isForbidden(error) ? 'error' : isUnavailable(error) ? 'debug' : 'warn';
      logger?.[level]({ kind, err: error }, 'watch broke; beginning anew');
    };
    // One request for each kind instead of two, as client-go's informers from 1.35 on.
    return { onError, freeze, watchList: true };
  }
}
