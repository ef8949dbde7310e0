import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { apiVersionOf, kindAt } from '@skiff/api/kinds';
import { StatusError } from '@skiff/api/status';
import type { Identified, New, PatchOptions, ResourceClient, WriteOptions } from '@skiff/client/resource';
import { watchEvents } from '@skiff/client/watch';
import { RelayedClient } from './relayed-client.ts';

/** One request, as far as a client's methods have words for it. */
interface Asked {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly accept: string;
  readonly contentType: string;
  readonly body: string | undefined;
}

interface Target {
  readonly resource: ResourceClient<Identified>;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** How the client was asked: a name for each of its methods. */
export type Flow =
  | 'get'
  | 'list'
  | 'watch'
  | 'metadata'
  | 'create'
  | 'update'
  | 'updateStatus'
  | 'patch'
  | 'delete'
  | 'deleteCollection'
  | 'subresource'
  | 'events'
  | 'request';

const patchTypes: Readonly<Record<string, PatchOptions['type']>> = {
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/json-patch+json': 'json',
  'application/apply-patch+yaml': 'apply',
};
const metadataView = (kind: string): string => `application/json;as=${kind};v=v1;g=meta.k8s.io`;

/**
 * A server that answers each request with what our client makes of it: the typed methods where they have words for all of the
 * request, and `text` else. Who compares its answers with the real server's compares the client's. One request at a time.
 */
export class Relay implements AsyncDisposable {
  /** How often each of the client's methods was used. */
  readonly used = new Map<Flow, number>();
  /** The failures that came out of the client as errors, by code. */
  readonly failures = new Map<number, number>();
  readonly #client: RelayedClient;
  readonly #server: Server;
  #warnings: string[] = [];

  private constructor(server: string) {
    this.#client = new RelayedClient({ server, userAgent: 'golden/1', onWarning: (text) => this.#warnings.push(text) });
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  /** Listens on one unix socket and asks the server at another. */
  static async start({ socket, server }: { socket: string; server: string }): Promise<Relay> {
    const relay = new Relay(server);
    await new Promise<void>((resolve) => relay.#server.listen(socket, resolve));
    return relay;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const sent = await text(request);
    const { method = '', url: path = '', headers } = request;
    const { searchParams: query } = new URL(path, 'http://relay');
    const asked: Asked = {
      method,
      path,
      query,
      accept: headers.accept ?? 'application/json',
      contentType: headers['content-type'] ?? '',
      body: sent === '' ? undefined : sent,
    };
    this.#warnings = [];
    try {
      const target = targetOf(this.#client, asked);
      const isWatch = ['true', '1'].includes(query.get('watch') ?? '') && method === 'GET' && !target?.name;
      if (isWatch) await this.#watch(asked, target, response);
      else {
        const answer = await this.#ask(asked, target);
        const { code, contentType } = this.#client;
        response.writeHead(code, { 'content-type': contentType, ...this.#warned }).end(answer);
      }
    } catch (error) {
      this.#fail(error, response);
    }
  }

  get #warned(): Record<string, string> {
    return this.#warnings.length > 0 ? { warning: `299 - "${this.#warnings.length} warnings"` } : {};
  }

  /** An error of the client is told as the failure it describes; one that is no answer of the server breaks the connection. */
  #fail(error: unknown, response: ServerResponse): void {
    if (!(error instanceof StatusError)) return void response.destroy();
    const status = error.toStatus();
    this.failures.set(error.code, (this.failures.get(error.code) ?? 0) + 1);
    if (response.headersSent) return void response.end(`${JSON.stringify({ type: 'ERROR', object: status })}\n`);
    // Of paths that nobody serves the answer is no Status but a line, which is then the error's message.
    const isPlain = error.code === 404 && error.reason === undefined;
    response
      .writeHead(error.code, { 'content-type': isPlain ? 'text/plain' : 'application/json', ...this.#warned })
      .end(isPlain ? error.message : JSON.stringify(status));
  }

  async #watch(asked: Asked, target: Target | undefined, response: ServerResponse): Promise<void> {
    const end = new AbortController();
    response.once('close', () => end.abort());
    const { signal } = end;
    const options = target && asked.accept === 'application/json' ? optionsOf(asked.query, watchWords) : undefined;
    let events: AsyncIterable<unknown>;
    if (target && options) {
      this.#count('watch');
      events = target.resource.watch({ ...options, namespace: target.namespace, signal });
    } else {
      this.#count('events');
      events = watchEvents(this.#client, { path: asked.path, accept: asked.accept, idleMs: 0, signal });
    }
    try {
      for await (const event of events) {
        if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/json' });
        response.write(`${JSON.stringify(event)}\n`);
      }
      response.end();
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** The answer's text. */
  async #ask(asked: Asked, target: Target | undefined): Promise<string> {
    const typed = target && (await this.#askTyped(asked, target));
    if (typed !== undefined) return JSON.stringify(typed);
    this.#count('request');
    const { method, path, body, accept, contentType } = asked;
    return this.#client.text({ method, path, body, accept, contentType: contentType || undefined });
  }

  /** What a typed method answers; undefined where there is none for such a request. */
  async #askTyped(asked: Asked, target: Target): Promise<unknown> {
    if (asked.method === 'GET') return this.#read(asked, target);
    // Answers to writes have one form only.
    if (asked.accept !== 'application/json') return undefined;
    switch (asked.method) {
      case 'POST':
      case 'PUT':
        return this.#write(asked, target);
      case 'PATCH':
        return this.#patch(asked, target);
      case 'DELETE':
        return this.#delete(asked, target);
      default:
        return undefined;
    }
  }

  async #read({ accept, query }: Asked, { resource, namespace, name, subresource }: Target): Promise<unknown> {
    const isMetadata =
      accept === metadataView(name === undefined ? 'PartialObjectMetadataList' : 'PartialObjectMetadata');
    if (!isMetadata && accept !== 'application/json') return undefined;
    if (name !== undefined && subresource !== undefined) {
      if (isMetadata || query.size > 0) return undefined;
      this.#count('subresource');
      return resource.subresource({ namespace, name }, subresource, 'GET');
    }
    const view = isMetadata ? this.#client.metadata(resource.kind) : resource;
    const options = optionsOf(query, name === undefined ? listWords : ['resourceVersion']);
    if (!options) return undefined;
    if (name !== undefined) {
      this.#count(isMetadata ? 'metadata' : 'get');
      const object = await view.get({ namespace, name }, options);
      return isMetadata ? { ...object, ...partial } : object;
    }
    this.#count(isMetadata ? 'metadata' : 'list');
    const list = await view.list({ ...options, namespace });
    // The client names each item's type, which a server leaves out but of views of metadata.
    const items = list.items.map(({ apiVersion, kind, ...rest }) => (isMetadata ? { ...rest, ...partial } : rest));
    return { ...list, items };
  }

  async #write({ method, query, body, contentType }: Asked, target: Target): Promise<unknown> {
    const { resource, namespace, name, subresource } = target;
    const object = jsonOf(body);
    const options = optionsOf<WriteOptions>(query, writeWords);
    if (!object || !options || contentType !== 'application/json') return undefined;
    if (name !== undefined && subresource !== undefined && subresource !== 'status') {
      if (query.size > 0) return undefined;
      this.#count('subresource');
      return resource.subresource({ namespace, name }, subresource, method === 'PUT' ? 'PUT' : 'POST', object);
    }
    // The client says where an object belongs by what the object says of itself.
    const isItsOwn =
      isAbsentOr(object['apiVersion'], apiVersionOf(resource.kind)) && isAbsentOr(object['kind'], resource.kind.kind);
    const metadata = recordOf(object['metadata']);
    if (!isItsOwn || !metadata || !isAbsentOr(metadata['namespace'], namespace)) return undefined;
    // The recording's object, which may be as wrong as its case wants it.
    const given = {
      ...object,
      metadata: { ...metadata, ...(namespace && { namespace }) },
    } as unknown as New<Identified> & Identified;
    if (method === 'POST') {
      if (name !== undefined) return undefined;
      this.#count('create');
      return resource.create(given, options);
    }
    if (name === undefined || metadata['name'] !== name) return undefined;
    this.#count(subresource ? 'updateStatus' : 'update');
    return subresource ? resource.updateStatus(given, options) : resource.update(given, options);
  }

  async #patch({ query, body, contentType }: Asked, target: Target): Promise<unknown> {
    const { resource, namespace, name, subresource } = target;
    const patch = jsonOf(body);
    const type = patchTypes[contentType];
    const options = optionsOf<PatchOptions>(query, [...writeWords, 'force']);
    if (!patch || !type || !options || name === undefined) return undefined;
    this.#count('patch');
    return resource.patch({ namespace, name }, patch, { ...options, type, ...(subresource && { subresource }) });
  }

  /** These methods answer nothing, so that the text is told that they got. */
  async #delete({ query, body }: Asked, target: Target): Promise<unknown> {
    const { resource, namespace, name, subresource } = target;
    if (subresource !== undefined) return undefined;
    const given = body === undefined ? {} : jsonOf(body);
    if (!given || Object.keys(given).some((word) => !deleteWords.includes(word))) return undefined;
    const { kind, apiVersion, ...fromBody } = given;
    const words = name === undefined ? [...listWords, ...deleteWords] : deleteWords;
    const options = optionsOf(query, words);
    if (!options) return undefined;
    const all = { ...fromBody, ...options };
    if (name === undefined) {
      this.#count('deleteCollection');
      await resource.deleteCollection({ ...all, namespace });
    } else {
      this.#count('delete');
      await resource.delete({ namespace, name }, all);
    }
    return JSON.parse(this.#client.answer);
  }

  #count(flow: Flow): void {
    this.used.set(flow, (this.used.get(flow) ?? 0) + 1);
  }
}

const partial = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' };
const isAbsentOr = (value: unknown, wanted: string | undefined): boolean => value === undefined || value === wanted;

const listWords = [
  'labelSelector',
  'fieldSelector',
  'limit',
  'continue',
  'resourceVersion',
  'resourceVersionMatch',
] as const;
const watchWords = [...listWords, 'watch', 'allowWatchBookmarks', 'sendInitialEvents', 'timeoutSeconds'] as const;
const writeWords = ['dryRun', 'fieldManager', 'fieldValidation'] as const;
const deleteWords: readonly string[] = [
  'kind',
  'apiVersion',
  'gracePeriodSeconds',
  'propagationPolicy',
  'preconditions',
];

/** A query as a method's options; undefined where one of its words is none of theirs. */
function optionsOf<Options extends object>(query: URLSearchParams, words: readonly string[]): Options | undefined {
  const options: Record<string, unknown> = {};
  for (const [word, value] of query) {
    // An empty value is left out by a client, and means nothing to a server.
    if (!words.includes(word) || value === '') return undefined;
    if (word === 'dryRun' ? value !== 'All' : isFlag.has(word) && value !== 'true' && value !== 'false')
      return undefined;
    if (word === 'watch') continue;
    options[word] =
      word === 'dryRun' || (isFlag.has(word) ? value === 'true' : isNumber.has(word) ? Number(value) : value);
  }
  // Each word was found among those of the method.
  return options as Options;
}
const isFlag = new Set(['force', 'allowWatchBookmarks', 'sendInitialEvents']);
const isNumber = new Set(['limit', 'timeoutSeconds', 'gracePeriodSeconds']);

/** What a path names, where it is of a kind in the table. */
function targetOf(client: RelayedClient, { path }: Asked): Target | undefined {
  const segments = path.replace(/\?.*/, '').split('/').slice(1).map(decodeURIComponent);
  const [root, ...rest] = segments;
  const [group = '', version = ''] = root === 'api' ? ['', rest.shift()] : [rest.shift(), rest.shift()];
  const isWithin = rest[0] === 'namespaces' && rest.length > 2 && rest[2] !== 'status' && rest[2] !== 'finalize';
  const namespace = isWithin ? rest[1] : undefined;
  const [plural = '', name, subresource, ...more] = isWithin ? rest.slice(2) : rest;
  const kind = kindAt(group, version, plural);
  if (!kind || more.length > 0 || (isWithin && !kind.namespaced)) return undefined;
  return { resource: client.objects(kind) as ResourceClient<Identified>, namespace, name, subresource };
}

function jsonOf(body: string | undefined): Record<string, unknown> | undefined {
  try {
    return recordOf(JSON.parse(body ?? ''));
  } catch {
    return undefined;
  }
}

function recordOf(value: unknown): Record<string, unknown> | undefined {
  // JSON's objects and lists are records.
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}
