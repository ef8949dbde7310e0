import { apiVersionOf, collectionPath, type Kind } from '@skiff/api/kinds';
import { keyOf, type ObjectKey, type ObjectMeta, type StoredMeta } from '@skiff/api/meta';
import type { Client } from './client.ts';
import { type Query, queryOf } from './query.ts';
import { type WatchEvent, watchEvents } from './watch.ts';

/** What a client has to know of a resource: a row of the kinds table, or what a server's discovery tells. */
export type ApiResource = Omit<Kind, 'model'>;

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
  /** When the server is to end the watch. */
  readonly timeoutSeconds?: number;
  /** Milliseconds without an event or bookmark after which the watch counts as broken. Default 0: for ever. */
  readonly idleMs?: number;
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
  readonly dryRun?: boolean;
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly signal?: AbortSignal;
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

const metadataOnly = (kind: string): string => `application/json;as=${kind};g=meta.k8s.io;v=v1`;

/**
 * The objects of one kind at one server. A failure that the server answers is a StatusError, one to reach it a
 * ConnectionError.
 */
export class ResourceClient<T extends Identified> {
  readonly kind: ApiResource;
  readonly #client: Client;
  readonly #metadataOnly: boolean;

  constructor(client: Client, kind: ApiResource, options: { metadataOnly?: boolean } = {}) {
    this.#client = client;
    this.kind = kind;
    this.#metadataOnly = options.metadataOnly ?? false;
  }

  async get(key: ObjectKey, options: { resourceVersion?: string; signal?: AbortSignal } = {}): Promise<T> {
    const path = this.path(key) + queryOf({ resourceVersion: options.resourceVersion });
    const accept = this.#accept('PartialObjectMetadata');
    return this.#named(await this.#client.request<T>({ method: 'GET', path, accept, signal: options.signal }));
  }

  /** Items come with `apiVersion` and `kind`, which a server leaves out in lists. */
  async list(options: ListOptions = {}): Promise<List<T>> {
    const { namespace, signal, ...query } = options;
    const path = collectionPath(this.kind, namespace) + queryOf(query);
    const accept = this.#accept('PartialObjectMetadataList');
    const list = await this.#client.request<List<T>>({ method: 'GET', path, accept, signal });
    list.items ??= [];
    for (const item of list.items) this.#named(item);
    return list;
  }

  /** Ends when the server ends the stream; an ERROR event is thrown as a StatusError. */
  async *watch(options: WatchOptions = {}): AsyncGenerator<WatchEvent<T>> {
    const { namespace, signal, idleMs = 0, ...query } = options;
    const path = collectionPath(this.kind, namespace) + queryOf({ watch: true, ...query });
    const accept = this.#accept('PartialObjectMetadata');
    for await (const event of watchEvents<T>(this.#client, { path, accept, signal, idleMs })) {
      this.#named(event.object);
      yield event;
    }
  }

  create(object: New<T>, options: WriteOptions = {}): Promise<T> {
    const path = collectionPath(this.kind, object.metadata.namespace) + writeQuery(options);
    return this.#client.request({ method: 'POST', path, body: this.#typed(object), signal: options.signal });
  }

  update(object: T, options: WriteOptions = {}): Promise<T> {
    const path = this.path(keyOf(object)) + writeQuery(options);
    return this.#client.request({ method: 'PUT', path, body: this.#typed(object), signal: options.signal });
  }

  updateStatus(object: T, options: WriteOptions = {}): Promise<T> {
    const path = `${this.path(keyOf(object))}/status${writeQuery(options)}`;
    return this.#client.request({ method: 'PUT', path, body: this.#typed(object), signal: options.signal });
  }

  patch(key: ObjectKey, patch: unknown, options: PatchOptions = {}): Promise<T> {
    const query = writeQuery(options, { force: options.force });
    const path = this.path(key) + (options.subresource ? `/${options.subresource}` : '') + query;
    const contentType = patchTypes[options.type ?? 'merge'];
    return this.#client.request({ method: 'PATCH', path, body: patch, contentType, signal: options.signal });
  }

  async delete(key: ObjectKey, options: DeleteOptions = {}): Promise<void> {
    const { signal, dryRun, ...given } = options;
    const body = deleteBody({ ...given, ...(dryRun && { dryRun: ['All'] }) });
    await this.#client.request({ method: 'DELETE', path: this.path(key), body, signal });
  }

  /** Deletes what a list with these options would hold. */
  async deleteCollection(options: ListOptions & Omit<DeleteOptions, 'preconditions' | 'dryRun'> = {}): Promise<void> {
    const { namespace, signal, gracePeriodSeconds, propagationPolicy, ...query } = options;
    await this.#client.request({
      method: 'DELETE',
      path: collectionPath(this.kind, namespace) + queryOf(query),
      body: deleteBody({ gracePeriodSeconds, propagationPolicy }),
      signal,
    });
  }

  /** A request to a part of an object: `binding`, `eviction`, `token`, `scale`. */
  subresource<Answer>(key: ObjectKey, name: string, method: 'GET' | 'POST' | 'PUT', body?: unknown): Promise<Answer> {
    return this.#client.request({ method, path: `${this.path(key)}/${name}`, body });
  }

  /** The type that each object carries. */
  get type(): { apiVersion: string; kind: string } {
    return { apiVersion: apiVersionOf(this.kind), kind: this.kind.kind };
  }

  /** Where an object is at the server. */
  path(key: ObjectKey): string {
    return `${collectionPath(this.kind, key.namespace)}/${encodeURIComponent(key.name)}`;
  }

  /** Views of metadata call themselves PartialObjectMetadata, and items of lists nothing at all. */
  #named(object: T): T {
    object.apiVersion = apiVersionOf(this.kind);
    object.kind = this.kind.kind;
    return object;
  }

  #accept(view: string): string | undefined {
    return this.#metadataOnly ? metadataOnly(view) : undefined;
  }

  #typed(object: object): object {
    return { ...object, apiVersion: apiVersionOf(this.kind), kind: this.kind.kind };
  }
}

const deleteBody = (options: object): object => ({ kind: 'DeleteOptions', apiVersion: 'v1', ...options });

function writeQuery({ dryRun, fieldManager, fieldValidation }: WriteOptions, more: Query = {}): string {
  return queryOf({ dryRun: dryRun ? 'All' : undefined, fieldManager, fieldValidation, ...more });
}
