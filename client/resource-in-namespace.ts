import type { Readable } from 'node:stream';
import type { Client } from './client.ts';
import { attach, type CommandOutcome, type ExecOptions, exec, type StreamOptions } from './exec.ts';
import { Informer, type InformerOptions } from './informer.ts';
import { openPodPort } from './port-forward.ts';
import { queryOf } from './query.ts';
import type {
  DeleteOptions,
  Identified,
  List,
  ListOptions,
  New,
  PatchOptions,
  ResourceClient,
  WatchOptions,
  WriteOptions,
} from './resource.ts';
import type { WatchEvent } from './watch.ts';

/** `Scale` of autoscaling/v1. */
export interface Scale {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly resourceVersion?: string };
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly replicas: number; readonly selector?: string };
}

export interface ApplyOptions extends WriteOptions {
  /** Who applies: what it no longer says is taken away. */
  readonly fieldManager: string;
  /** Takes fields over that others own. */
  readonly force?: boolean;
}

type Within<Options extends { namespace?: string | undefined }> = Omit<Options, 'namespace'>;

/**
 * The objects of one kind in one namespace (or of all of them, or without one): `client.core.pods('default')`. Failures are those
 * of {@link ResourceClient}.
 */
export class ResourceInNamespace<T extends Identified> {
  protected readonly resource: ResourceClient<T>;
  readonly namespace: string | undefined;

  constructor(resource: ResourceClient<T>, namespace: string | undefined) {
    this.resource = resource;
    this.namespace = namespace;
  }

  get(name: string, options: { resourceVersion?: string; signal?: AbortSignal } = {}): Promise<T> {
    return this.resource.get(this.key(name), options);
  }

  list(options: Within<ListOptions> = {}): Promise<List<T>> {
    return this.resource.list({ ...options, namespace: this.namespace });
  }

  /** Every object, read page by page: for lists that are too long to be held at once. */
  async *pages(options: Within<ListOptions> & { limit: number }): AsyncGenerator<T[]> {
    let next: string | undefined = options.continue;
    do {
      const page: List<T> = await this.list({ ...options, continue: next });
      yield page.items;
      next = page.metadata.continue;
    } while (next);
  }

  /** Ends when the server ends the stream; an ERROR event is thrown as a StatusError. */
  watch(options: Within<WatchOptions> = {}): AsyncGenerator<WatchEvent<T>> {
    return this.resource.watch({ ...options, namespace: this.namespace });
  }

  create(object: New<T>, options: WriteOptions = {}): Promise<T> {
    return this.resource.create(this.#placed(object), options);
  }

  /** Replaces an object: a `resourceVersion` that is out of date is a conflict. */
  update(object: T, options: WriteOptions = {}): Promise<T> {
    return this.resource.update(this.#placed(object), options);
  }

  /** Server-side apply: makes the fields that are given so, and creates the object where it is missing. */
  apply(object: New<T>, options: ApplyOptions): Promise<T> {
    const { name } = object.metadata;
    if (!name) throw new Error('an object that is applied needs a name');
    const { apiVersion, kind } = this.resource.type;
    return this.resource.patch(this.key(name), { ...object, apiVersion, kind }, { ...options, type: 'apply' });
  }

  patch(name: string, patch: unknown, options: PatchOptions = {}): Promise<T> {
    return this.resource.patch(this.key(name), patch, options);
  }

  delete(name: string, options: DeleteOptions = {}): Promise<void> {
    return this.resource.delete(this.key(name), options);
  }

  /** Deletes what a list with these options would hold. */
  deleteCollection(options: Within<ListOptions> & Omit<DeleteOptions, 'preconditions' | 'dryRun'> = {}): Promise<void> {
    return this.resource.deleteCollection({ ...options, namespace: this.namespace });
  }

  /** The status, which is written apart from the rest. */
  get status(): {
    update(object: T, options?: WriteOptions): Promise<T>;
    patch(name: string, patch: unknown, options?: PatchOptions): Promise<T>;
  } {
    return {
      update: (object, options) => this.resource.updateStatus(this.#placed(object), options),
      patch: (name, patch, options) =>
        this.resource.patch(this.key(name), patch, { ...options, subresource: 'status' }),
    };
  }

  /** How many there shall be, of kinds that have a number of replicas. */
  get scale(): { get(name: string): Promise<Scale>; set(name: string, replicas: number): Promise<Scale> } {
    return {
      get: (name) => this.resource.subresource<Scale>(this.key(name), 'scale', 'GET'),
      set: async (name, replicas) => {
        const key = this.key(name);
        await this.resource.patch(key, { spec: { replicas } }, { subresource: 'scale' });
        return this.resource.subresource<Scale>(key, 'scale', 'GET');
      },
    };
  }

  /** A copy of these objects that follows the server, once it is started. */
  informer(options: Omit<InformerOptions<T>, 'namespace'> = {}): Informer<T> {
    return new Informer(this.resource, {
      ...options,
      ...(this.namespace !== undefined && { namespace: this.namespace }),
    });
  }

  protected key(name: string): { name: string; namespace?: string } {
    return { name, ...(this.namespace !== undefined && { namespace: this.namespace }) };
  }

  /** The namespace is the object's own, or else this one. */
  #placed<O extends { metadata: { namespace?: string } }>(object: O): O {
    if (object.metadata.namespace !== undefined || this.namespace === undefined) return object;
    return { ...object, metadata: { ...object.metadata, namespace: this.namespace } };
  }
}

export interface LogOptions {
  readonly container?: string;
  readonly follow?: boolean;
  readonly previous?: boolean;
  readonly timestamps?: boolean;
  readonly tailLines?: number;
  readonly sinceSeconds?: number;
  readonly sinceTime?: string;
  readonly limitBytes?: number;
  readonly signal?: AbortSignal;
}

/** Pods, which can also be talked to. */
export class PodsInNamespace<T extends Identified> extends ResourceInNamespace<T> {
  readonly #client: Client;

  constructor(client: Client, resource: ResourceClient<T>, namespace: string | undefined) {
    super(resource, namespace);
    this.#client = client;
  }

  /** What a container has written, as text. */
  logs(name: string, options: Omit<LogOptions, 'follow'> = {}): Promise<string> {
    const { signal, ...query } = options;
    return this.#client.text({ method: 'GET', path: this.#logPath(name, query), accept: '*/*', signal });
  }

  /** What a container writes, as it comes; ends with the container, or with the signal. */
  async followLogs(name: string, options: LogOptions = {}): Promise<Readable> {
    const { signal, ...query } = options;
    const path = this.#logPath(name, { follow: true, ...query });
    return this.#client.stream({ method: 'GET', path, accept: '*/*', idleMs: 0, signal });
  }

  /** Runs a command in a container. Resolves when it has ended. */
  exec(name: string, options: ExecOptions): Promise<CommandOutcome> {
    return exec(this.#client, this.key(name), options);
  }

  /** Runs a command and keeps what it writes. */
  async output(
    name: string,
    command: readonly string[],
    options: { container?: string; signal?: AbortSignal } = {},
  ): Promise<CommandOutcome & { stdout: string; stderr: string }> {
    const chunks: { stdout: Buffer[]; stderr: Buffer[] } = { stdout: [], stderr: [] };
    const outcome = await this.exec(name, {
      ...options,
      command,
      stdout: (chunk) => void chunks.stdout.push(chunk),
      stderr: (chunk) => void chunks.stderr.push(chunk),
    });
    const text = (list: readonly Buffer[]): string => Buffer.concat(list).toString('utf8');
    return { ...outcome, stdout: text(chunks.stdout), stderr: text(chunks.stderr) };
  }

  /** Joins the program that a container runs. Resolves when it has ended. */
  attach(name: string, options: StreamOptions): Promise<CommandOutcome> {
    return attach(this.#client, this.key(name), options);
  }

  /** Opens a connection to a port of a Pod's loopback. */
  portForward(name: string, port: number, options: { signal?: AbortSignal } = {}): ReturnType<typeof openPodPort> {
    return openPodPort(this.#client, this.key(name), { port, ...options });
  }

  /** Asks a Pod to go, as far as disruption budgets allow it. */
  async evict(name: string, options: { gracePeriodSeconds?: number } = {}): Promise<void> {
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: this.key(name), deleteOptions: options };
    await this.resource.subresource(this.key(name), 'eviction', 'POST', body);
  }

  #logPath(name: string, query: Omit<LogOptions, 'signal'>): string {
    return `${this.resource.path(this.key(name))}/log${queryOf({ ...query })}`;
  }
}
