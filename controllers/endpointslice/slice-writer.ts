import { keyOf, type ObjectKey } from '@skiff/api/meta';
import { isNotFound } from '@skiff/api/status';
import type { EndpointSlice } from '@skiff/api/types';
import type { Informer } from '@skiff/client/informer';
import type { ResourceClient } from '@skiff/client/resource';
import type { SliceWrites } from './slice-writes.ts';

/** After this time the cache is believed again: what it was to show was probably undone by somebody else. */
const patienceMs = 10_000;

interface Written {
  readonly key: ObjectKey;
  readonly uid: string | undefined;
  /** Infinite for a slice that was deleted. */
  readonly generation: number;
  readonly at: number;
}

/**
 * Carries out what was planned, and knows when the cache doesn't show it yet: planning with such a cache would add the
 * same endpoints to a second slice.
 */
export class SliceWriter {
  readonly #client: ResourceClient<EndpointSlice>;
  readonly #informer: Informer<EndpointSlice>;
  readonly #written = new Map<string, Written[]>();

  constructor(client: ResourceClient<EndpointSlice>, informer: Informer<EndpointSlice>) {
    this.#client = client;
    this.#informer = informer;
  }

  /** Whether something that was written for this owner isn't in the cache yet. */
  isBehind(owner: string): boolean {
    const open = (this.#written.get(owner) ?? []).filter((written) => !this.#shows(written));
    if (open.length > 0) this.#written.set(owner, open);
    else this.#written.delete(owner);
    return open.length > 0;
  }

  #shows({ key, uid, generation, at }: Written): boolean {
    if (Date.now() - at > patienceMs) return true;
    const cached = this.#informer.get(key);
    if (generation === Number.POSITIVE_INFINITY) return cached?.metadata.uid !== uid;
    return cached?.metadata.uid === uid && (cached?.metadata.generation ?? 0) >= generation;
  }

  /** Tries everything, and rejects with the first failure. */
  async apply(owner: string, writes: SliceWrites): Promise<void> {
    const tasks = [
      ...writes.create.map((slice) => () => this.#client.create(slice)),
      ...writes.update.map((slice) => () => this.#client.update(slice)),
      ...writes.delete.map((slice) => () => this.#delete(slice)),
    ];
    const results = await Promise.allSettled(tasks.map((task) => task()));
    const open = this.#written.get(owner) ?? [];
    for (const result of results) {
      if (result.status === 'rejected') continue;
      const { metadata } = result.value;
      open.push({ key: keyOf(result.value), uid: metadata.uid, generation: metadata.generation ?? 0, at: Date.now() });
    }
    if (open.length > 0) this.#written.set(owner, open);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async #delete(slice: EndpointSlice): Promise<EndpointSlice> {
    const { uid } = slice.metadata;
    try {
      await this.#client.delete(keyOf(slice), { ...(uid && { preconditions: { uid } }) });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    return { ...slice, metadata: { ...slice.metadata, generation: Number.POSITIVE_INFINITY } };
  }
}
