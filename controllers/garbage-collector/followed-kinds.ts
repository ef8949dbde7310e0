import { kinds, views } from '@skiff/api/kinds';
import type { KindName } from '@skiff/api/types';
import type { Client } from '@skiff/client/client';
import { discoverPreferred } from '@skiff/client/discovery';
import { Informer } from '@skiff/client/informer';
import type { Informers } from '@skiff/client/informers';
import type { Logger } from '@skiff/client/reconciler';
import type { ApiResource, Identified } from '@skiff/client/resource';
import type { ControllerContext } from '../controller.ts';

type ChangeType = 'added' | 'updated' | 'deleted';

/** Events come and go in numbers and own nothing. */
const builtIn = kinds.filter((kind) => kind.verbs.includes('watch') && kind.kind !== 'Event');

const keyOf = ({ group, plural }: Pick<ApiResource, 'group' | 'plural'>): string => `${group}/${plural}`;
/** What is the server's own, in whatever group it shows: it is followed in one of them, or on purpose not at all. */
const builtInKeys = new Set([...kinds, ...views].map(keyOf));
const nameOf = (group: string, kind: string): string => `${group}/${kind}`;

/** A custom kind while it is served. */
interface Followed {
  readonly kind: ApiResource;
  readonly informer: Informer<Identified>;
  readonly stop: AbortController;
}

/**
 * The objects of all kinds that a server serves, as one stream of changes. The kinds of the kinds table have shared informers; those of
 * CustomResourceDefinitions are found in discovery whenever a definition changes, and followed as long as they are there.
 */
export class FollowedKinds {
  readonly #client: Client;
  readonly #informers: Informers;
  readonly #logger: Logger;
  readonly #onChange: (type: ChangeType, object: Identified) => void;
  readonly #custom = new Map<string, Followed>();
  readonly #byName = new Map<string, ApiResource>(builtIn.map((kind) => [nameOf(kind.group, kind.kind), kind]));
  #unsubscribe: (() => void)[] = [];
  #refreshing: Promise<void> | undefined;
  #again = false;

  constructor(
    { client, informers, logger }: ControllerContext,
    onChange: (type: ChangeType, object: Identified) => void,
  ) {
    this.#client = client;
    this.#informers = informers;
    this.#logger = logger;
    this.#onChange = onChange;
    for (const kind of builtIn) informers.for(kind.kind as KindName); // so that they are synced at the start
  }

  start({ signal }: { signal: AbortSignal }): void {
    this.#unsubscribe = builtIn.map((kind) =>
      this.#informers.for(kind.kind as KindName).onChange(({ type, object }) => this.#onChange(type, object)),
    );
    const definitions = this.#informers.for('CustomResourceDefinition');
    this.#unsubscribe.push(definitions.onChange(() => this.#refresh(signal)));
  }

  async close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    for (const { stop } of this.#custom.values()) stop.abort();
    await this.#refreshing;
  }

  /** The kind of an object or of a reference to one, in the version that is followed; undefined where it is not served. */
  kindOf({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): ApiResource | undefined {
    const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
    return this.#byName.get(nameOf(group, kind));
  }

  /** One look at discovery at a time, and another one for what changed meanwhile. */
  #refresh(signal: AbortSignal): void {
    if (this.#refreshing) {
      this.#again = true;
      return;
    }
    this.#again = false;
    this.#refreshing = this.#discover(signal)
      .catch((error: unknown) => {
        if (!signal.aborted)
          this.#logger.warn({ err: error }, 'discovery failed; the next definition brings another look');
      })
      .finally(() => {
        this.#refreshing = undefined;
        if (this.#again && !signal.aborted) this.#refresh(signal);
      });
  }

  async #discover(signal: AbortSignal): Promise<void> {
    const found = await discoverPreferred(this.#client, signal);
    const custom = found.filter((kind) => !builtInKeys.has(keyOf(kind)) && kind.verbs.includes('watch'));
    const wanted = new Map(custom.map((kind) => [keyOf(kind), kind]));
    for (const [key, followed] of this.#custom) {
      const kind = wanted.get(key);
      if (kind?.version === followed.kind.version) continue;
      followed.stop.abort();
      this.#custom.delete(key);
      this.#byName.delete(nameOf(followed.kind.group, followed.kind.kind));
      // In another version the objects are still there.
      if (!kind) for (const object of followed.informer.list()) this.#onChange('deleted', object);
    }
    for (const [key, kind] of wanted) if (!this.#custom.has(key)) this.#follow(key, kind, signal);
  }

  #follow(key: string, kind: ApiResource, signal: AbortSignal): void {
    const stop = new AbortController();
    const onError = (error: unknown): void =>
      this.#logger.debug({ kind: kind.kind, err: error }, 'watch broke; beginning anew');
    const informer = new Informer(this.#client.metadata(kind), { onError });
    informer.onChange(({ type, object }) => this.#onChange(type, object));
    informer.start({ signal: AbortSignal.any([signal, stop.signal]) });
    this.#custom.set(key, { kind, informer, stop });
    this.#byName.set(nameOf(kind.group, kind.kind), kind);
  }
}
