import { apiVersionOf, collectionPath, type Kind } from '@skiff/api/kinds';
import { keyOf, type ObjectKey, type ObjectMeta, type StoredMeta } from '@skiff/api/meta';
import type { Client } from './client.ts';
import { type WatchEvent, watchEvents } from './watch.ts';

/** What all objects have; what a client needs to know of a type. */
export interface Identified {
  apiVersion: string;
  kind: string;
  metadata: StoredMeta;
}

/** An object to create: the client fills in `apiVersion` and `kind`; a name or `generateName` is the caller's. */
export type New<T extends Identified> = Omit<T, 'apiVersion' | 'kind' | 'metadata'> & {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
};

export interface ListOptions {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface WatchOptions extends ListOptions {
  readonly allowWatchBookmarks?: boolean;
  readonly sendInitialEvents?: boolean;
  readonly timeoutSeconds?: number;
}

export interface WriteOptions {
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore';
  readonly signal?: AbortSignal;
}

export interface PatchOptions extends WriteOptions {
  /** Default: merge (RFC 7386). */
  readonly type?: keyof typeof patchTypes;
  readonly subresource?: string;
  readonly force?: boolean;
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

export interface List<T> {
  metadata: { resourceVersion: string; continue?: string };
  items: T[];
}

const patchTypes = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

/** The objects of one kind at one server. Every failure that the server answers is a StatusError. */
export class ResourceClient<T extends Identified> {
  readonly kind: Kind;
  readonly #client: Client;

  constructor(client: Client, kind: Kind) {
    this.#client = client;
    this.kind = kind;
  }

  get(key: ObjectKey, options: { resourceVersion?: string; signal?: AbortSignal } = {}): Promise<T> {
    const path = this.#path(key) + queryOf({ resourceVersion: options.resourceVersion });
    return this.#client.request({ method: 'GET', path, signal: options.signal });
  }

  /** Items come with `apiVersion` and `kind`, which a server leaves out in lists. */
  async list(options: ListOptions = {}): Promise<List<T>> {
    const { namespace, signal, ...query } = options;
    const path = collectionPath(this.kind, namespace) + queryOf(query);
    const list = await this.#client.request<List<T>>({ method: 'GET', path, signal });
    list.items ??= [];
    for (const item of list.items) {
      item.apiVersion = apiVersionOf(this.kind);
      item.kind = this.kind.kind;
    }
    return list;
  }

  /** Ends when the server ends the stream; an ERROR event is thrown as a StatusError. */
  watch(options: WatchOptions = {}): AsyncIterable<WatchEvent<T>> {
    const { namespace, signal, ...query } = options;
    const path = collectionPath(this.kind, namespace) + queryOf({ watch: true, ...query });
    return watchEvents(this.#client, { path, signal });
  }

  create(object: New<T>, options: WriteOptions = {}): Promise<T> {
    const path = collectionPath(this.kind, object.metadata.namespace) + writeQuery(options);
    return this.#client.request({ method: 'POST', path, body: this.#typed(object), signal: options.signal });
  }

  update(object: T, options: WriteOptions = {}): Promise<T> {
    const path = this.#path(keyOf(object)) + writeQuery(options);
    return this.#client.request({ method: 'PUT', path, body: this.#typed(object), signal: options.signal });
  }

  updateStatus(object: T, options: WriteOptions = {}): Promise<T> {
    const path = `${this.#path(keyOf(object))}/status${writeQuery(options)}`;
    return this.#client.request({ method: 'PUT', path, body: this.#typed(object), signal: options.signal });
  }

  patch(key: ObjectKey, patch: unknown, options: PatchOptions = {}): Promise<T> {
    const query = writeQuery(options, { force: options.force });
    const path = this.#path(key) + (options.subresource ? `/${options.subresource}` : '') + query;
    const contentType = patchTypes[options.type ?? 'merge'];
    return this.#client.request({ method: 'PATCH', path, body: patch, contentType, signal: options.signal });
  }

  async delete(key: ObjectKey, options: DeleteOptions = {}): Promise<void> {
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', ...options };
    await this.#client.request({ method: 'DELETE', path: this.#path(key), body });
  }

  async deleteCollection(options: ListOptions = {}): Promise<void> {
    const { namespace, signal, ...query } = options;
    await this.#client.request({
      method: 'DELETE',
      path: collectionPath(this.kind, namespace) + queryOf(query),
      signal,
    });
  }

  /** A request to a part of an object: `binding`, `eviction`, `token`, `scale`. */
  subresource<Answer>(key: ObjectKey, name: string, method: 'GET' | 'POST' | 'PUT', body?: unknown): Promise<Answer> {
    return this.#client.request({ method, path: `${this.#path(key)}/${name}`, body });
  }

  #path(key: ObjectKey): string {
    return `${collectionPath(this.kind, key.namespace)}/${encodeURIComponent(key.name)}`;
  }

  #typed(object: object): object {
    return { ...object, apiVersion: apiVersionOf(this.kind), kind: this.kind.kind };
  }
}

type Query = Record<string, string | number | boolean | undefined>;

function queryOf(query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  if (given.length === 0) return '';
  return `?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]))}`;
}

function writeQuery({ dryRun, fieldManager, fieldValidation }: WriteOptions, more: Query = {}): string {
  return queryOf({ dryRun: dryRun ? 'All' : undefined, fieldManager, fieldValidation, ...more });
}
