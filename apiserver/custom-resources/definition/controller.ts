import { isConflict, isNotFound } from '@skiff/api/status';
import { timestamp } from '../../registry/deletion.ts';
import type { Registry } from '../../registry/registry.ts';
import type { Resources } from '../../registry/resources.ts';
import type { WriteContext } from '../../registry/strategy.ts';
import type { Store } from '../../storage/store.ts';
import type { Caches } from '../../watch/caches.ts';
import type { CacheEvent } from '../../watch/event.ts';
import type { Subscription } from '../../watch/resource-cache.ts';
import { customRegistries } from '../custom-kind.ts';
import { cleanupFinalizer, type Definition, isTrue, withCondition } from './definition.ts';
import { settledStatus } from './names.ts';

export interface DefinitionControllerOptions {
  readonly resources: Resources;
  readonly store: Store;
  readonly caches: Caches;
  /** For the server's own writes. */
  context(options?: { subresource?: string }): WriteContext;
  readonly onError: (error: unknown) => void;
}

/** How a definition is served, and what ends the watches of that. */
interface Served {
  readonly state: string;
  readonly terminating: boolean;
  readonly stop: AbortController;
}

/** What of a definition decides how its objects look: not whether it goes, as watches are to see all of them go. */
const stateOf = (definition: Definition): string => {
  const { spec, status, metadata } = definition;
  return JSON.stringify([metadata.uid, spec, status?.acceptedNames, isTrue(definition, 'Established')]);
};

/**
 * Serves what CustomResourceDefinitions define, for as long as they stand. It works on the events of their cache, so that a definition is
 * served by the time that its writer hears that it is established: a change of what is served ends its watches, and theirs begin anew.
 * A definition that is deleted takes all of its objects with it.
 */
export class DefinitionController {
  readonly #options: DefinitionControllerOptions;
  readonly #served = new Map<string, Served>();
  readonly #emptying = new Map<string, Subscription>();
  /** Names whose status is being written, and whether they changed meanwhile. */
  readonly #working = new Map<string, boolean>();
  readonly #running = new Set<Promise<void>>();
  #subscription: Subscription | undefined;

  constructor(options: DefinitionControllerOptions) {
    this.#options = options;
  }

  /** Serves what is established already, before it returns. */
  start(): void {
    const cache = this.#registry.cache;
    for (const { object } of cache.list().items) this.#serve(object as unknown as Definition); // the cache of definitions
    this.#subscription = cache.subscribe({
      onEvent: (event) => this.#changed(event),
      onGone: () => undefined,
    });
    for (const { name } of cache.list().items) this.#enqueue(name);
  }

  async close(): Promise<void> {
    this.#subscription?.close();
    for (const subscription of this.#emptying.values()) subscription.close();
    await Promise.all(this.#running);
  }

  get #registry(): Registry {
    return this.#options.resources.named('CustomResourceDefinition');
  }

  #changed({ type, current }: CacheEvent): void {
    const definition = current.object as unknown as Definition; // the cache of definitions
    if (type !== 'DELETED') {
      this.#serve(definition);
      this.#enqueue(current.name);
      return;
    }
    this.#options.resources.replace(current.name, []);
    this.#served.get(current.name)?.stop.abort();
    this.#served.delete(current.name);
    // A name may have become free.
    for (const other of this.#group(definition)) this.#enqueue(other.metadata.name);
  }

  #serve(definition: Definition): void {
    const { name } = definition.metadata;
    const state = stateOf(definition);
    const terminating = isTrue(definition, 'Terminating');
    const before = this.#served.get(name);
    const same = before?.state === state;
    if (same && before.terminating === terminating) return;
    const stop = same ? before.stop : new AbortController();
    this.#served.set(name, { state, terminating, stop });
    const { resources, store, caches } = this.#options;
    // What Kubernetes itself serves stays what it is.
    const overlaps = resources.isBuiltIn(isNamed(definition));
    resources.replace(name, overlaps ? [] : customRegistries(definition, { store, caches, ended: stop.signal }));
    if (!same) before?.stop.abort();
  }

  #enqueue(name: string): void {
    if (this.#working.has(name)) {
      this.#working.set(name, true);
      return;
    }
    this.#working.set(name, false);
    const work = this.#work(name)
      .catch((error: unknown) => this.#options.onError(error))
      .finally(() => {
        const again = this.#working.get(name);
        this.#working.delete(name);
        this.#running.delete(work);
        if (again) this.#enqueue(name);
      });
    this.#running.add(work);
  }

  /** Brings a definition's status up to date, and lets it go when it may. */
  async #work(name: string): Promise<void> {
    const definition = this.#get(name);
    if (!definition || !this.#subscription) return;
    if (!definition.metadata.deletionTimestamp) {
      const now = timestamp(this.#options.context().now);
      const others = this.#group(definition).filter((other) => other.metadata.name !== name);
      const status = settledStatus(definition, others, now);
      if (status) await this.#write(name, (current) => ({ ...current, status }), 'status');
    } else if (definition.metadata.finalizers?.includes(cleanupFinalizer)) await this.#empty(definition);
  }

  /** Deletes a definition's objects; its finalizer goes when the last of them has. */
  async #empty(definition: Definition): Promise<void> {
    const { name } = definition.metadata;
    await this.#terminating(name, {
      status: 'True',
      reason: 'InstanceDeletionInProgress',
      message: 'CustomResource deletion is in progress',
    });
    const { resources } = this.#options;
    const overlaps = resources.isBuiltIn(isNamed(definition));
    const registries = overlaps ? [] : resources.all.filter(({ kind }) => isOf(kind, definition));
    const cache = this.#options.caches.of(isNamed(definition));
    const registry = registries[0];
    if (registry) {
      const context = this.#options.context();
      await Promise.all(
        cache.list().items.map(async ({ namespace, name }) => {
          await registry.delete({ namespace, name }, {}, context).catch((error: unknown) => {
            if (!isNotFound(error)) throw error;
          });
        }),
      );
      if (cache.size > 0) {
        if (!this.#emptying.has(name)) {
          const onEvent = (): void => {
            if (cache.size === 0) this.#enqueue(name);
          };
          this.#emptying.set(name, cache.subscribe({ onEvent, onGone: () => undefined }));
        }
        return;
      }
    }
    this.#emptying.get(name)?.close();
    this.#emptying.delete(name);
    await this.#terminating(name, {
      status: 'False',
      reason: 'InstanceDeletionCompleted',
      message: 'removed all instances',
    });
    await this.#write(name, (current) => {
      const finalizers = current.metadata.finalizers?.filter((finalizer) => finalizer !== cleanupFinalizer) ?? [];
      return { ...current, metadata: { ...current.metadata, finalizers } };
    });
  }

  #terminating(name: string, condition: { status: 'True' | 'False'; reason: string; message: string }): Promise<void> {
    const now = timestamp(this.#options.context().now);
    const change = (current: Definition): Definition => {
      const conditions = withCondition(current.status?.conditions ?? [], { type: 'Terminating', ...condition }, now);
      return { ...current, status: { ...current.status, conditions } };
    };
    return this.#write(name, change, 'status');
  }

  async #write(name: string, change: (current: Definition) => Definition, subresource = ''): Promise<void> {
    try {
      await this.#registry.update(
        { name },
        (current) => {
          if (!current) throw new Gone();
          // The registry of definitions.
          return change(current as unknown as Definition) as unknown as typeof current;
        },
        this.#options.context({ subresource }),
      );
    } catch (error) {
      // Its next event brings it back, if there is one.
      if (!(error instanceof Gone) && !isNotFound(error) && !isConflict(error)) throw error;
    }
  }

  #get(name: string): Definition | undefined {
    // The cache of definitions.
    return this.#registry.cache.get('', name)?.object as unknown as Definition | undefined;
  }

  #group({ spec }: Definition): Definition[] {
    const all = this.#registry.cache.list().items.map(({ object }) => object as unknown as Definition); // likewise
    return all.filter((other) => other.spec.group === spec.group);
  }
}

class Gone extends Error {}

const isNamed = ({ spec }: Definition): { group: string; plural: string } => ({
  group: spec.group,
  plural: spec.names.plural,
});

const isOf = (kind: { group: string; plural: string }, { spec }: Definition): boolean =>
  kind.group === spec.group && kind.plural === spec.names.plural;
