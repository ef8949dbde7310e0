import { formatKey, type ObjectKey } from '@skiff/api/meta';
import { isNotFound } from '@skiff/api/status';
import type { ConfigMap, Secret } from '@skiff/api/types';
import type { Client } from '@skiff/client/client';
import type { Clock } from '../clock.ts';

interface Entry {
  readonly object: ConfigMap | Secret;
  readonly fetchedAt: number;
  readonly generation: number;
}

/** How old an answer may be, for Pods that start and for those that follow changes. */
const FRESH_MS = 5_000;
/** Every namespace has this one, every Pod mounts it, and it never changes while a cluster runs. */
const ROOT_CA = 'kube-root-ca.crt';
const ROOT_CA_FRESH_MS = 10 * 60_000;

/**
 * The ConfigMaps and Secrets that this node's Pods refer to, fetched one by one when asked for: a node may read no others, and an
 * informer would hold all of the cluster's. What is absent is asked for again each time.
 */
export class ReferencedObjects {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  readonly #pending = new Map<string, Promise<ConfigMap | Secret | undefined>>();
  /** How often each namespace was renewed. */
  readonly #generations = new Map<string, number>();

  constructor(options: { client: Client; clock: Clock }) {
    this.#client = options.client;
    this.#clock = options.clock;
  }

  /** Undefined where it does not exist. Rejects where the API server can't be asked. */
  async configMap(key: ObjectKey): Promise<ConfigMap | undefined> {
    // Asked of ConfigMaps.
    return (await this.#get('ConfigMap', key)) as ConfigMap | undefined;
  }

  async secret(key: ObjectKey): Promise<Secret | undefined> {
    // Asked of Secrets.
    return (await this.#get('Secret', key)) as Secret | undefined;
  }

  /**
   * A Pod has come to the node: it must see what was written before it was made, so what is known of its namespace is asked for again, as
   * by the kubelet (pkg/kubelet/util/manager).
   */
  renew(namespace: string): void {
    this.#generations.set(namespace, this.#generation({ namespace }) + 1);
  }

  async #get(kind: 'ConfigMap' | 'Secret', key: ObjectKey): Promise<ConfigMap | Secret | undefined> {
    const id = `${kind} ${formatKey(key)}`;
    const generation = this.#generation(key);
    const known = this.#entries.get(id);
    const freshMs = key.name === ROOT_CA ? ROOT_CA_FRESH_MS : FRESH_MS;
    if (known?.generation === generation && this.#clock.now() - known.fetchedAt < freshMs) return known.object;
    const request = `${id} ${generation}`;
    const pending = this.#pending.get(request) ?? this.#fetch(kind, key).finally(() => this.#pending.delete(request));
    this.#pending.set(request, pending);
    return pending;
  }

  async #fetch(kind: 'ConfigMap' | 'Secret', key: ObjectKey): Promise<ConfigMap | Secret | undefined> {
    const id = `${kind} ${formatKey(key)}`;
    const generation = this.#generation(key);
    const fetchedAt = this.#clock.now();
    try {
      const object = await this.#client.resource(kind).get(key);
      // One that was asked for earlier may come later.
      if ((this.#entries.get(id)?.generation ?? 0) <= generation) {
        this.#entries.set(id, { object, fetchedAt, generation });
      }
      this.#forgetOld();
      return object;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      this.#entries.delete(id);
      return undefined;
    }
  }

  /** The root CA never gets older. */
  #generation({ namespace = '', name }: Partial<ObjectKey>): number {
    return name === ROOT_CA ? 0 : (this.#generations.get(namespace) ?? 0);
  }

  /** Keeps secrets in memory only while they are of use. */
  #forgetOld(): void {
    const oldest = this.#clock.now() - ROOT_CA_FRESH_MS;
    for (const [id, { fetchedAt }] of this.#entries) if (fetchedAt < oldest) this.#entries.delete(id);
  }
}
