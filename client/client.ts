import { kindNamed } from '@skiff/api/kinds';
import type { KubeObject } from '@skiff/api/meta';
import type { KindName, KindTypes } from '@skiff/api/types';
import type { ClientConfig } from './config.ts';
import { failureOf } from './failure-of.ts';
import type { GroupName } from './groups.ts';
import { type ApiResource, type Identified, ResourceClient } from './resource.ts';
import { type RequestOptions, type Response, readText, Transport } from './transport.ts';
import { type Group, groupOf } from './typed-groups.ts';

/** Talks to one API server as one user. */
export class Client implements Disposable {
  readonly config: ClientConfig;
  readonly #transport: Transport;

  constructor(config: ClientConfig) {
    this.config = config;
    this.#transport = new Transport(config);
  }

  /** The kinds by API group, typed: `client.core.pods('default').list()`, `client.apps.deployments('default').scale.set('web', 3)`. */
  get core(): Group<'core'> {
    return this.#group('core');
  }
  get apps(): Group<'apps'> {
    return this.#group('apps');
  }
  get batch(): Group<'batch'> {
    return this.#group('batch');
  }
  get autoscaling(): Group<'autoscaling'> {
    return this.#group('autoscaling');
  }
  get policy(): Group<'policy'> {
    return this.#group('policy');
  }
  get discovery(): Group<'discovery'> {
    return this.#group('discovery');
  }
  get coordination(): Group<'coordination'> {
    return this.#group('coordination');
  }
  get networking(): Group<'networking'> {
    return this.#group('networking');
  }
  get rbac(): Group<'rbac'> {
    return this.#group('rbac');
  }
  get storage(): Group<'storage'> {
    return this.#group('storage');
  }
  get scheduling(): Group<'scheduling'> {
    return this.#group('scheduling');
  }
  get node(): Group<'node'> {
    return this.#group('node');
  }
  get apiextensions(): Group<'apiextensions'> {
    return this.#group('apiextensions');
  }

  #group<Name extends GroupName>(name: Name): Group<Name> {
    return groupOf(this, name);
  }

  /** The objects of one kind. */
  resource<Name extends KindName>(name: Name): ResourceClient<KindTypes[Name]> {
    return new ResourceClient(this, kindNamed(name));
  }

  /** The objects of any resource, of whatever shape: for kinds that only discovery knows. */
  objects(resource: ApiResource): ResourceClient<KubeObject> {
    return new ResourceClient(this, resource);
  }

  /** The objects of any kind, of which reads bring the metadata only (API concepts, "Metadata-only fetches"). */
  metadata(kind: ApiResource): ResourceClient<Identified> {
    return new ResourceClient(this, kind, { metadataOnly: true });
  }

  /**
   * Any request; resolves with the parsed JSON of the answer. A failure that the server answers is a StatusError, one to
   * reach it a ConnectionError.
   */
  async request<Answer>(options: Omit<RequestOptions, 'body'> & { body?: unknown }): Promise<Answer> {
    const body = options.body === undefined ? undefined : JSON.stringify(options.body);
    const text = await this.text({ ...options, body });
    // What the server answers for this path is the caller's to know.
    return (text === '' ? undefined : JSON.parse(text)) as Answer;
  }

  /** As {@link request}, with the body and the answer as they are on the wire. */
  async text(options: RequestOptions): Promise<string> {
    const response = await this.stream(options);
    return readText(response, { server: this.config.server, signal: options.signal });
  }

  /** Any request whose answer is read as it comes. Rejects with a StatusError unless the server answers 2xx. */
  async stream(options: RequestOptions): Promise<Response> {
    const response = await this.#transport.send(options);
    const code = response.statusCode ?? 0;
    if (code >= 200 && code < 300) return response;
    throw failureOf(code, await readText(response, { server: this.config.server, signal: options.signal }));
  }

  close(): void {
    this.#transport.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
